{#-
    The contract of a fact together with the range of this invocation in period indexes of `unit`, cut
    to the fact's own first and last day: `from` and `until`, half-open. Without a range (dbt compile)
    it is empty at the fact's start.

    Returns: the mapping of `activation_fact` plus grain, period, checkpoint (units), birth (index of
    the fact's first period), from, until.
-#}
{% macro activation_range(fact, grain, of="period") -%}
    {%- set spec = activation_fact(fact) -%}
    {%- set units = period_unit(grain) -%}
    {%- set unit = units[of] -%}
    {%- set week = spec.week_start -%}
    {%- set first = period_number(unit, spec.first, week) -%}
    {%- set bounds = [first, first] -%}
    {%- if range_start() -%}
        {%- set days = [activation_date(range_start()), activation_date(range_end())] -%}
        {%- for day in days if period_date(unit, period_number(unit, day, week), week) != day -%}
            {{
                exceptions.raise_compiler_error(
                    "The range ["
                    ~ range_start()
                    ~ ", "
                    ~ range_end()
                    ~ ") of `"
                    ~ model.name
                    ~ "` must begin and end at the first day of a "
                    ~ unit
                    ~ ", but "
                    ~ day
                    ~ " is none. Use "
                    ~ period_date(unit, period_number(unit, day, week), week)
                    ~ "."
                )
            }}
        {%- endfor -%}
        {%- set bounds = [
            period_number(unit, days[0], week),
            period_number(unit, days[1], week),
        ] -%}
    {%- endif -%}
    {%- set cut = period_number(unit, spec.last, week) + 1 if spec.last else bounds[1] -%}
    {%- set from = [bounds[0], first] | max -%}
    {%- do spec.update(units) -%}
    {%- do spec.update(
        {
            "grain": grain,
            "birth": period_number(units.period, spec.first, week),
            "from": from,
            "until": [[bounds[1], cut] | min, from] | max,
        }
    ) -%}
    {{ return(spec) }}
{%- endmacro %}
