import inspect

from weir.core import errors


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    classes = {
        n for n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)
    }
    drawn = {word for word in (errors.__doc__ or "").replace("─", " ").split() if word in classes}
    assert drawn == classes


def test_an_error_ends_with_what_to_do_and_keeps_its_values() -> None:
    error = errors.InvalidValue("grain", "dayly", ["day", "hour"])
    assert str(error) == "Received invalid value `grain=dayly`. Valid values are: day, hour."
    assert (error.key, error.value, error.valid) == ("grain", "dayly", ("day", "hour"))


def test_the_nearest_name_is_named_else_the_first_of_all() -> None:
    names = [f"view_page{n}_shop" for n in range(30)]
    near = errors.NotFound("event", "purchase_item_shp", [*names, "purchase_item_shop"], "List.")
    assert near.remedy == "Did you mean `purchase_item_shop`? List."
    far = errors.NotFound("event", "zzz", names)
    assert far.remedy.startswith("Known: view_page0_shop, view_page1_shop, ")
    assert far.remedy.endswith(", view_page19_shop and 10 more.")


def test_what_is_very_long_is_not_told_whole() -> None:
    long = "x" * 10_000
    assert len(str(errors.NotFound("event", long, ["a_b_c"]))) < 300
    assert len(str(errors.InvalidValue("slot", long, ["a"]))) < 300
    assert len(str(errors.NameRejected(long, "too long", "Cut it."))) < 300
