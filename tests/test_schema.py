"""Guessing roles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.errors import LogError, UsageError
from diagnose.schema import ALIASES, ROLES, guess, target_codes

PLAIN = {"user_id": "BIGINT", "item_id": "BIGINT", "timestamp": "BIGINT"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("user_id item_id timestamp category event_type", "user_id item_id timestamp category event_type"),
        ("user_id:token item_id:token timestamp:float", "user_id:token item_id:token timestamp:float - -"),
        ("visitorid itemid timestamp event transactionid", "visitorid itemid timestamp - event"),
        ("reviewerID asin unixReviewTime overall", "reviewerID asin unixReviewTime - -"),
        ("userId movieId rating timestamp", "userId movieId timestamp - -"),
        ("User sku when cat behaviour", "User sku when cat behaviour"),
        (
            "user_id product_id event_time category_id event_type",
            "user_id product_id event_time category_id event_type",
        ),
        ("uid iid ts genre action", "uid iid ts genre action"),
    ],
)
def test_names_of_well_known_logs_are_understood(names, expected):
    """The columns of common public logs find their roles without help."""
    roles = guess(dict.fromkeys(names.split(), "VARCHAR"), {}).roles
    found = [roles.get(role, "-") for role in ("user", "item", "timestamp", "category", "event")]
    assert found == expected.split()


def test_category_beats_categories():
    """Of `categories` and `category`, the exact name is taken, whichever comes first."""
    columns = PLAIN | {"categories": "VARCHAR", "category": "VARCHAR"}
    assert guess(columns, {}).roles["category"] == "category"
    assert guess(PLAIN | {"categories": "VARCHAR"}, {}).roles["category"] == "categories"


def test_an_exact_alias_beats_a_name_that_only_hints():
    """`user_segment` hints at the user, `uid` is an alias: the alias is taken."""
    columns = {"user_segment": "VARCHAR", "uid": "BIGINT", "item_id": "BIGINT", "timestamp": "BIGINT"}
    assert guess(columns, {}).roles["user"] == "uid"


def test_a_word_inside_a_name_or_a_type_fills_a_required_role():
    """With no alias at hand, the only column that hints at a role takes it, and the mapping says why."""
    mapping = guess({"hashed_user": "VARCHAR", "shop_item_code": "VARCHAR", "at": "TIMESTAMP"}, {})
    assert mapping.roles == {"user": "hashed_user", "item": "shop_item_code", "timestamp": "at"}
    assert mapping.how == {
        "user": "its name hints so",
        "item": "its name hints so",
        "timestamp": "its type says so",
    }


def test_the_line_to_paste_gives_no_column_two_roles():
    """Where nothing is known of the names, each missing role is offered a column of its own."""
    columns = {"Kunde": "VARCHAR", "Artikel": "BIGINT", "wann": "VARCHAR", "Abteilung": "VARCHAR"}
    with pytest.raises(LogError) as caught:
        guess(columns, {}, source="shop.csv")
    offered = re.findall(r"--column \w+=(\w+)", str(caught.value))
    assert len(offered) == len(set(offered)) == 3


def test_all_faults_are_told_in_one_message():
    """No user, two items, a named column that is not there: one error with a line to paste."""
    columns = {"sku": "BIGINT", "asin": "BIGINT", "when": "BIGINT", "who": "BIGINT"}
    with pytest.raises(LogError) as caught:
        guess(columns, {"category": "colour"}, source="logs.parquet")
    message = str(caught.value)
    assert 'no column plays the role "user"' in message
    assert '2 columns could play the role "item": sku, asin' in message
    assert 'no column "colour"' in message
    assert "Found: sku, asin, when, who" in message
    assert "diagnose analyze logs.parquet --column" in message
    assert "--column item=sku" in message
    assert "--column user=who" in message
    assert caught.value.exit_code == 3


def test_a_missing_time_suggests_a_column_that_is_no_id():
    """The suggestion for the timestamp is a column that could hold one."""
    with pytest.raises(LogError, match="--column timestamp=moment"):
        guess({"uid": "BIGINT", "iid": "BIGINT", "cat_id": "BIGINT", "moment": "BIGINT"}, {}, source="a")


def test_an_unknown_role_is_wrong_usage():
    """A role that does not exist is answered with those that do, exit code 2."""
    with pytest.raises(UsageError, match=r"user, item, timestamp, position") as caught:
        guess(PLAIN, {"itm": "item_id"})
    assert "--column item=item_id" in str(caught.value)
    assert caught.value.exit_code == 2


def test_position_is_taken_only_when_said_and_replaces_the_timestamp():
    """A position is never guessed; named, it leaves no timestamp."""
    columns = {"user_id": "BIGINT", "item_id": "BIGINT", "position": "BIGINT", "timestamp": "BIGINT"}
    assert "position" not in guess(columns, {}).roles
    named = guess(columns, {"position": "timestamp"})
    assert named.roles["position"] == "timestamp"
    assert "timestamp" not in named.roles
    assert not named.clock
    with pytest.raises(UsageError, match="not both"):
        guess(columns, {"position": "position", "timestamp": "timestamp"})


def test_an_empty_name_takes_a_role_away():
    """`--column category=` says that there is no category."""
    columns = PLAIN | {"category": "VARCHAR"}
    mapping = guess(columns, {"category": ""})
    assert "category" not in mapping.roles
    assert mapping.unused == ("category",)
    with pytest.raises(UsageError, match="no log can do without the role user"):
        guess(columns, {"user": ""})


def test_a_flag_called_date_is_no_time():
    """A column of a type that cannot be a time is passed over for the role."""
    columns = {"user_id": "BIGINT", "item_id": "BIGINT", "date": "BOOLEAN", "day": "DATE"}
    assert guess(columns, {}).roles["timestamp"] == "day"


def test_names_from_the_log_cannot_write_on_the_terminal():
    """Escape sequences in a column's name are defused wherever it is shown."""
    with pytest.raises(LogError) as caught:
        guess({"\x1b[31muser": "BIGINT", "b": "BIGINT"}, {})
    assert "\x1b" not in str(caught.value)
    assert "\x1b" not in "".join(guess(PLAIN | {"\x1b[2J": "BIGINT"}, {}).lines())


def test_the_lines_show_role_column_and_why():
    """A user sees what was understood, a line for each role, and what was left over."""
    lines = guess(PLAIN | {"colour": "VARCHAR"}, {"item": "item_id"}).lines()
    assert lines[0].split() == ["user", "=", "user_id", "(its", "name", "says", "so)"]
    assert "as you said" in lines[1]
    assert lines[-1] == "not used: colour"


def test_no_alias_stands_for_two_roles():
    """An alias names one role only, once: the guess cannot hang on the order of the table."""
    words = [word for groups in ALIASES.values() for group in groups for word in group.split()]
    assert len(words) == len(set(words))


def test_targets_are_the_codes_of_the_named_event():
    """An event's name becomes its code; one that is not there is told with those that are."""
    assert target_codes(("buy", "view"), None) is None
    assert target_codes(("buy", "view"), "view").tolist() == [1]
    with pytest.raises(UsageError, match=r"Found: buy, view(.|\n)*--target buy"):
        target_codes(("buy", "view"), "buys")
    with pytest.raises(UsageError, match="no column that says"):
        target_codes((), "view")


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=20), st.sampled_from(["BIGINT", "VARCHAR", "DATE"]), max_size=6
    ),
    st.dictionaries(st.sampled_from(ROLES), st.text(max_size=8), max_size=3),
)
def test_any_columns_end_in_a_mapping_or_an_error_of_ours(columns, overrides):
    """Whatever the columns are called, guessing ends in a whole mapping or in a message."""
    try:
        mapping = guess(columns, overrides)
    except (LogError, UsageError):
        return
    assert {"user", "item"} <= set(mapping.roles)
    assert set(mapping.roles.values()) <= set(columns)
    assert mapping.lines()


def test_a_misspelt_column_is_answered_with_the_one_that_was_meant():
    """For a column that is not there, one whose name fits the role is suggested, else the nearest name."""
    with pytest.raises(LogError, match="--column timestamp=timestamp"):
        guess(PLAIN, {"timestamp": "tiem"}, source="a.csv")
    with pytest.raises(LogError, match="--column category=colour"):
        guess(PLAIN | {"colour": "VARCHAR"}, {"category": "color"}, source="a.csv")
    with pytest.raises(LogError, match=r'columns=\{"timestamp": "timestamp"\}'):
        guess(PLAIN, {"timestamp": "tiem"})


def test_a_position_that_is_not_there_is_answered_with_the_column_of_times():
    """An order without a clock often stands under the name of a time; never another role's column."""
    with pytest.raises(LogError, match="--column position=timestamp"):
        guess(PLAIN, {"position": "place"}, source="a.csv")
