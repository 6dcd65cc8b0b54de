import pytest

from weir.core import names
from weir.core.errors import NameRejected


@pytest.mark.parametrize("name", ["click_item_home", "a_b_c", "view1_page2_app3"])
def test_three_lower_case_tokens_are_an_event_name(name: str) -> None:
    assert str(names.event_name(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "click_item",
        "click_item_home_page",
        "Click_item_home",
        "1click_item_home",
        "",
        "a__b_c",
        "a_b_c\n",
    ],
)
def test_anything_else_is_rejected_with_an_example(name: str) -> None:
    with pytest.raises(NameRejected, match="`click_item_home`"):
        names.event_name(name)


@pytest.mark.parametrize("name", ["event_id", "user_id", "device_id", "_extra"])
def test_reserved_parameters_are_rejected(name: str) -> None:
    with pytest.raises(NameRejected, match="reserved"):
        names.check_parameter(name)


def test_a_camel_case_parameter_is_told_its_snake_case() -> None:
    with pytest.raises(NameRejected, match="`item_id`"):
        names.check_parameter("itemId")


@pytest.mark.parametrize(
    "name", ["", "1", "상품", "userId", "EventName", "A" * 101, "item\n2", "a\n"]
)
def test_a_name_that_is_refused_itself_is_not_suggested(name: str) -> None:
    with pytest.raises(NameRejected) as caught:
        names.check_parameter(name)
    _, quoted, _ = caught.value.remedy.split("`")
    names.check_parameter(quoted)


@pytest.mark.parametrize("fact", ["users_purchased_item", "a_activation_daily_b", "x_firstlast"])
@pytest.mark.parametrize("grain", names.LAYER_GRAINS)
@pytest.mark.parametrize("part", names.LAYER_PARTS)
def test_the_name_of_an_activation_model_reads_back(fact: str, grain: str, part: str) -> None:
    layer = names.Layer(fact, grain, part)
    assert names.layer_of(str(layer)) == layer


@pytest.mark.parametrize(
    "name",
    ["x_activation_dayly", "x_firstlast_daily_summary", "_activation_daily", "activation_daily"],
)
def test_other_names_are_of_no_layer(name: str) -> None:
    assert names.layer_of(name) is None
