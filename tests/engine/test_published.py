"""Presets: tiny files in the format in which each log is published, and what is told of other files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from reading import NOW, sampled

from diagnose import engine, schema
from diagnose.errors import LogError
from diagnose.schema import PRESETS

AT, MINUTE = 1_420_000_000, 60  # 2014-12-31, in the years of most of these logs


def lines(row: str, *, header: str = "", users: int = 6, each: int = 4) -> str:
    """A file of `users` with `each` events a minute apart; `row` is a format of user, item, place, time."""
    rows = [
        row.format(u=user, i=(user + place) % 7, p=place, t=AT + MINUTE * place, m=59 - place)
        for user in range(1, users + 1)
        for place in range(each)
    ]
    return "".join(f"{line}\n" for line in ([header] if header else []) + rows)


# name of the test: preset, file, content, roles that must be found
PUBLISHED = {
    "movielens 1M": (
        "movielens",
        "ratings.dat",
        lines("{u}::{i}::{p}::{t}"),
        {"user": "UserID", "item": "MovieID"},
    ),
    "movielens 10M": ("movielens", "ratings.dat", lines("{u}::{i}::3.5::{t}"), {"rating": "Rating"}),
    "movielens 100K": ("movielens", "u.data", lines("{u}\t{i}\t{p}\t{t}"), {"timestamp": "timestamp"}),
    "movielens csv": (
        "movielens",
        "ratings.csv",
        lines("{u},{i},4.0,{t}", header="userId,movieId,rating,timestamp"),
        {"user": "userId", "rating": "rating"},
    ),
    "amazon 2014": (
        "amazon-ratings",
        "ratings_Beauty.csv",
        lines("A39HTATAQ9V7{u}F,055806392{i},{p}.0,{t}"),
        {"user": "user_id", "item": "item_id"},
    ),
    "amazon 2018": (
        "amazon-ratings",
        "All_Beauty.csv",
        lines("055806392{i},A39HTATAQ9V7{u}F,{p}.0,{t}"),
        {"user": "user_id", "item": "item_id"},
    ),
    "amazon 2023": (
        "amazon-ratings",
        "Toys_and_Games.csv",
        lines(
            "AGKASBHYZPGTEPO6LWZPVJWB2BV{u},B006GBITX{i},3.0,{t}000",
            header="user_id,parent_asin,rating,timestamp",
        ),
        {"item": "parent_asin"},
    ),
    "amazon 2023 reviews": (
        "amazon-ratings",
        "All_Beauty.jsonl",
        lines(
            '{{"rating": 4.0, "text": "fine, \\"really\\"", "asin": "B1", "parent_asin": "B{i}",'
            ' "user_id": "AG{u}", "timestamp": {t}000}}'
        ),
        {"item": "parent_asin"},
    ),
    "amazon reviews": (
        "amazon-ratings",
        "reviews_Beauty_5.json",
        lines(
            '{{"reviewerID": "A{u}", "asin": "B{i}", "overall": 5.0, "unixReviewTime": {t},'
            ' "reviewTime": "12 31, 2014"}}'
        ),
        {"timestamp": "unixReviewTime", "rating": "overall"},
    ),
    "taobao": (
        "taobao-userbehavior",
        "UserBehavior.csv",
        lines("{u},{i},25{i},pv,{t}"),
        {"category": "category_id", "event": "behavior_type"},
    ),
    "yoochoose": (
        "yoochoose",
        "yoochoose-clicks.dat",
        lines("{u},2014-04-07T10:{m}:09.277Z,21453650{i},0"),
        {"user": "Session ID", "category": "Category"},
    ),
    "retailrocket": (
        "retailrocket",
        "events.csv",
        lines("{t}117,{u},view,{i},", header="timestamp,visitorid,event,itemid,transactionid"),
        {"user": "visitorid", "event": "event"},
    ),
    "rees46": (
        "rees46",
        "2019-Oct.csv",
        lines(
            "2019-10-01 00:{m}:00 UTC,view,{i},210380656136183{i},,shiseido,35.79,{u},72d76fde-8bb3-{u}",
            header="event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session",
        ),
        {"session": "user_session", "category": "category_id"},
    ),
    "diginetica": (
        "diginetica",
        "train-item-views.csv",
        lines("{u};NA;{i};{p}0526;2016-05-09", header="sessionId;userId;itemId;timeframe;eventdate"),
        {"user": "sessionId", "position": "timeframe"},
    ),
    "diginetica, other spelling": (
        "diginetica",
        "train-item-views.csv",
        lines("{u};NA;{i};{p}0526;2016-05-09", header="session_id;user_id;item_id;timeframe;eventdate"),
        {"user": "session_id", "position": "timeframe"},
    ),
    "mind": (
        "mind",
        "behaviors.tsv",
        lines("{u}{p}\tU1374{u}\t11/15/2019 9:{m}:32 AM\tN1 N2\tN5568{i}-1 N35729-0 N7-0"),
        {"item": "news_id", "label": "clicked", "request": "impression_id"},
    ),
    "lastfm 1K": (
        "lastfm",
        "userid-timestamp-artid-artname-traid-traname.tsv",
        lines('user_00000{u}\t2009-05-04T23:{m}:57Z\tf1b\t"Weird Al" Yankovic\tt{i}\t12" mix'),
        {"item": "traid", "category": "artname"},
    ),
    "lastfm hetrec": (
        "lastfm",
        "user_taggedartists-timestamps.dat",
        lines("{u}\t{i}\t13\t{t}000", header="userID\tartistID\ttagID\ttimestamp"),
        {"item": "artistID"},
    ),
    "kuairand": (
        "kuairand",
        "log_standard_4_08_to_4_21_pure.csv",
        lines(
            "{u},{i},20220412,1700,{t}117,1,0,0,0,0,0,1,5822,19960,0,0,0,0,1",
            header="user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,is_hate,"
            "long_view,play_time_ms,duration_ms,profile_stay_time,comment_stay_time,is_profile_enter,is_rand,tab",
        ),
        {"label": "is_click", "duration": "play_time_ms", "timestamp": "time_ms"},
    ),
    "kuairec": (
        "kuairec",
        "big_matrix.csv",
        lines(
            "{u},{i},13838,10867,2020-07-05 00:{m}:29.0,20200705,{t}.438,1.27",
            header="user_id,video_id,play_duration,video_duration,time,date,timestamp,watch_ratio",
        ),
        {"timestamp": "timestamp"},
    ),
    "foursquare TSMC": (
        "foursquare",
        "dataset_TSMC2014_NYC.txt",
        lines(
            "{u}\t49bbd6c0f964a520f4531fe{i}\t4bf58dd8d48988d127951735\tCafé\t40.71\t-74.00\t-240"
            "\tTue Apr 03 18:{m}:09 +0000 2012"
        ),
        {"category": "Venue category name"},
    ),
    "foursquare TIST": (
        "foursquare",
        "dataset_TIST2015_Checkins.txt",
        lines("{u}\t4f5e3a72e4b053fd6a4313f{i}\tTue Apr 03 18:{m}:06 +0000 2012\t240"),
        {"item": "Venue ID"},
    ),
    "gowalla": (
        "gowalla",
        "loc-gowalla_totalCheckins.txt",
        lines("{u}\t2010-10-19T23:{m}:27Z\t30.2359091167\t-97.7951395833\t2284{i}"),
        {"item": "location id"},
    ),
    "recbole": (
        "recbole",
        "ml-100k.inter",
        lines("{u}\t{i}\t3\t{t}", header="user_id:token\titem_id:token\trating:float\ttimestamp:float"),
        {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp"},
    ),
}


def written(folder: Path, name: str) -> Path:
    """The file of one published format."""
    _, file, content, _ = PUBLISHED[name]
    path = folder / file
    path.write_bytes(content.encode("latin-1" if "TSMC" in name else "utf-8"))
    return path


def read(source: object, preset: str | None, **columns: str) -> engine.Collected:
    """Read a log by a preset, as of NOW."""
    told = schema.told(columns, preset)
    with engine.open_log(source, columns=told, settings=sampled(), now=NOW) as log:
        return engine.collect(log, {})


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_file_is_read_as_its_preset_says(tmp_path, name):
    """Every event of every format is one; users, items and roles are the published ones, times are right."""
    preset, _, _, roles = PUBLISHED[name]
    read_as = read(written(tmp_path, name), preset)
    assert roles.items() <= read_as.mapping.items()
    assert (read_as.facts.events, read_as.facts.users, read_as.facts.items) == (24, 6, 7)
    assert (read_as.facts.preset, read_as.facts.caveats) == (preset, PRESETS[preset].caveats)
    steps = {int(step) for step in abs(pd.Series(read_as.sample.time[:4]).diff().dropna())}
    assert steps == ({10_000} if preset == "diginetica" else {MINUTE * 1_000_000})


def test_every_preset_is_read_here():
    """No preset is without a file of its format in these tests, nor any form of one."""
    tried = {}
    for preset, _, content, _ in PUBLISHED.values():
        tried.setdefault(preset, []).append(content.splitlines()[0])
    for name, preset in PRESETS.items():
        for form in preset.forms:
            jsons = not form.example
            assert jsons or any(form.begins(line) for line in tried[name]), form.file


@pytest.mark.parametrize("name", PRESETS)
def test_the_example_of_a_form_begins_such_a_file(name):
    """Each form's example is recognised as that form, and as no other preset's."""
    for form in PRESETS[name].forms:
        if form.example:
            assert PRESETS[name].begun_by(form.example) is form
            assert [other for other in PRESETS if PRESETS[other].begun_by(form.example)] == [name]


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "kuairec"])
def test_a_packed_file_is_read_alike(tmp_path, name):
    """The same file, gzipped, gives the same events."""
    plain = written(tmp_path, name)
    packed = plain.with_name(plain.name + ".gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    preset = PUBLISHED[name][0]
    assert read(packed, preset).facts.fingerprint == read(plain, preset).facts.fingerprint


def test_impressions_are_a_click_and_what_was_shown_beside_it(tmp_path):
    """Of "N1-1 N2-0 N3-0" one row is an event, two were only shown; a cell without labels is an error."""
    path = written(tmp_path, "mind")
    counts = read(path, "mind").counts
    assert (counts.rows, counts.events, counts.unclicked_impressions) == (72, 24, 48)
    path.write_text(path.read_text() + "99\tU1\t11/15/2019 9:00:00 AM\tN1\tN5 N6\n")
    with pytest.raises(LogError, match="no label"):
        read(path, "mind")


def test_what_stands_for_no_value_is_none(tmp_path):
    """YooChoose's category 0 is no category, others are."""
    path = tmp_path / "yoochoose-clicks.dat"
    path.write_text(lines("{u},2014-04-07T10:{m}:09.277Z,21453650{i},{p}"))
    assert read(path, "yoochoose").counts.null_category == 6
    assert read(path, "yoochoose").facts.categories == 3


def test_a_time_that_cannot_be_read_is_counted_as_such(tmp_path):
    """A row with another time format is set aside as unreadable, not as missing."""
    path = written(tmp_path, "foursquare TIST")
    path.write_text(path.read_text() + "9\t4f5e3a72e4b053fd6a4313f6\t03.04.2012 18:00\t240\n")
    assert read(path, "foursquare").counts.unreadable_time == 1


def test_of_a_folder_only_the_files_of_the_preset_are_read(tmp_path):
    """In an unpacked archive the log is found among its other files."""
    written(tmp_path, "movielens csv")
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n")
    (tmp_path / "tags.csv").write_text("userId,movieId,tag,timestamp\n1,1,funny,1420000000\n")
    assert read(tmp_path, "movielens").facts.events == 24


def test_several_files_of_one_form_are_one_log(tmp_path):
    """A glob of a preset's files is read whole; of two forms it is an error that names both."""
    first = written(tmp_path, "retailrocket")
    first.with_name("events2.csv").write_text(first.read_text().replace("view", "addtocart"))
    assert read(str(tmp_path / "events*.csv"), "retailrocket").facts.events == 48
    with pytest.raises(LogError, match="several forms") as told:
        read([written(tmp_path, "movielens 1M"), written(tmp_path, "movielens csv")], "movielens")
    assert "ratings.dat, ratings.csv" in told.value.seen


def test_what_the_user_says_goes_before_the_preset(tmp_path):
    """A column named by the user plays its role, and leaves the one that the preset gave it."""
    path = written(tmp_path, "lastfm 1K")
    mapping = read(path, "lastfm", item="traname").mapping
    assert (mapping["item"], mapping["category"]) == ("traname", "artname")
    moved = read(path, "lastfm", item="artname", category="").mapping
    assert moved["item"] == "artname"
    assert "category" not in moved
    path = written(tmp_path, "movielens 1M")
    assert "timestamp" not in read(path, "movielens", position="Timestamp").mapping


def test_a_frame_or_parquet_is_read_by_its_columns(tmp_path):
    """A log with a header may lie in any kind of file: its columns tell the form."""
    path = written(tmp_path, "retailrocket")
    frame = pd.read_csv(path)
    frame.to_parquet(tmp_path / "events.parquet")
    base = read(path, "retailrocket").facts
    for source in (frame, tmp_path / "events.parquet"):
        found = read(source, "retailrocket").facts
        assert (found.fingerprint, found.preset) == (base.fingerprint, "retailrocket")
    converted = pd.DataFrame({"user_id": [1, 2], "item_id": [3, 3], "rating": 5.0, "timestamp": AT})
    assert read(converted, "movielens").mapping["rating"] == "rating"
    with pytest.raises(LogError, match="not published as the preset mind") as told:
        read(frame, "mind")
    assert "behaviors.tsv" in told.value.attempt


@pytest.mark.parametrize("name", ["movielens 1M", "taobao", "mind"])
def test_a_wrong_file_is_told_by_its_shape(tmp_path, name):
    """What was seen and what is wanted, without a value of the file; the fitting preset is named."""
    with pytest.raises(LogError, match="no file of the preset gowalla") as told:
        read(written(tmp_path, name), "gowalla")
    assert PUBLISHED[name][0] in told.value.attempt
    assert "fields parted by" in told.value.seen
    assert str(AT) not in str(told.value)
    (tmp_path / "notes.txt").write_text("secret-user likes things\n")
    with pytest.raises(LogError, match="no file of the preset movielens") as told:
        read(tmp_path / "notes.txt", "movielens")
    assert "secret-user" not in str(told.value)
    assert "ratings.dat (UserID::MovieID" in told.value.attempt


@pytest.mark.parametrize(
    "name", ["movielens 1M", "movielens 100K", "taobao", "mind", "amazon 2018", "gowalla"]
)
def test_a_file_without_a_header_is_told_its_preset(tmp_path, name):
    """Read without a preset, the error names the preset that would read it."""
    with pytest.raises(LogError, match="column") as told:
        read(written(tmp_path, name), None)
    assert f"--preset {PUBLISHED[name][0]}" in told.value.attempt
    assert "fields parted by" in told.value.seen  # not the line itself, which holds a user


@pytest.mark.parametrize("name", ["recbole", "movielens csv", "kuairand"])
def test_a_file_that_could_be_read_is_told_its_preset_too(tmp_path, name):
    """Without a preset the columns are guessed, and the preset is mentioned."""
    with engine.open_log(
        written(tmp_path, name), columns={"duration": ""}, settings=sampled(), now=NOW
    ) as log:
        assert any(f"--preset {PUBLISHED[name][0]} " in line for line in log.mapping.lines())


def test_a_log_like_no_other_is_told_no_preset(tmp_path):
    """A log of one's own is not taken for a public one."""
    (tmp_path / "log.csv").write_text(lines("{u},{i},{t}", header="user_id,item_id,timestamp"))
    with engine.open_log(tmp_path / "log.csv", settings=sampled(), now=NOW) as log:
        assert not any("preset" in line for line in log.mapping.lines())


def test_the_preset_is_named_where_a_column_is_not_there(tmp_path):
    """A misspelled --column is told with the command that keeps the preset."""
    with pytest.raises(LogError, match="no column") as told:
        read(written(tmp_path, "movielens 1M"), "movielens", category="genre")
    assert "--preset movielens --column category=" in told.value.attempt
