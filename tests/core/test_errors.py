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
