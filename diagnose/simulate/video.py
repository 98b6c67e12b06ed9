"""A video platform's behaviour: stable interests, series watched episode by episode, most of it elsewhere.

Every viewing is independent of the ones before it but for the episode's number: a genre from the user's
taste, one of the titles that the user follows in it, the next episode. Whether a viewing is seen, and
whether an unseen one began with a logged hand-off, is independent chance too. So the log's order holds
nothing about interests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.simulate import catalogue, chains
from diagnose.simulate.scene import Scene

SERIES_PER_GENRE = 25
FILMS_PER_GENRE = 80
SERIES_LENGTHS = (16, 24, 32, 48)  # episodes
FOLLOWED = 6  # series of a genre that a user follows, throughout
SERIES_SHARE = 0.7  # of viewings; films otherwise
APPS = 5
EVENTS = ("play", "open_external_app")
MEAN_MINUTES = 38.0  # of a viewing


@dataclass(frozen=True, eq=False)
class Viewing:
    """What was watched, users one after another, in order. All shapes (events,)."""

    user: NDArray[np.int64]
    seconds: NDArray[np.int64]
    genre: NDArray[np.int64]
    title: NDArray[np.int64]  # item: a code over all episodes, then all films
    series: NDArray[np.int64]  # -1 for a film
    ordinal: NDArray[np.int64]  # from 1; 0 for a film
    duration: NDArray[np.int64]  # seconds


@dataclass(frozen=True, eq=False)
class Library:
    """Series and films. Series s has episodes `first[s] .. first[s] + length[s]` as items."""

    length: NDArray[np.int64]
    first: NDArray[np.int64]
    films: int  # code of the first film

    @property
    def items(self) -> int:
        """Episodes and films."""
        return self.films + FILMS_PER_GENRE * len(catalogue.GENRES)


def library(*, rng: np.random.Generator) -> Library:
    """All series and films on the platform."""
    length = rng.choice(np.array(SERIES_LENGTHS), SERIES_PER_GENRE * len(catalogue.GENRES)).astype(np.int64)
    stop = np.cumsum(length)
    return Library(length=length, first=stop - length, films=int(stop[-1]))


def watch(scene: Scene, shelf: Library, *, rng: np.random.Generator) -> Viewing:
    """Everything that was watched, on the platform and elsewhere."""
    length = chains.lengths(scene.users, scene.events_per_user, heavy_tailed=not scene.fixed_length, rng=rng)
    starts = chains.session_starts(length, mean_events=3.0, rng=rng)
    rhythm = chains.Rhythm(
        days=scene.days, mean_pause=45 * 60, longest_pause=3 * 3600, shortest_break=5 * 3600
    )
    seconds = chains.clock(length, starts, rhythm=rhythm, rng=rng)
    user = np.repeat(np.arange(scene.users), length)
    popularity = chains.zipf(len(catalogue.GENRES), 0.4)
    taste = chains.tastes(scene.users, popularity, breadth=scene.breadth, rng=rng)
    genre = chains.draw_rows(taste, user, rng=rng)
    series, ordinal = _episodes(user, genre, shelf, rng=rng)
    film = (
        shelf.films
        + genre * FILMS_PER_GENRE
        + rng.choice(FILMS_PER_GENRE, len(user), p=chains.zipf(FILMS_PER_GENRE, 0.8))
    )
    title = np.where(series >= 0, shelf.first[series] + ordinal - 1, film)
    duration = np.maximum(120, rng.gamma(6.0, MEAN_MINUTES * 10, len(user))).astype(np.int64)
    return Viewing(
        user=user,
        seconds=seconds,
        genre=genre,
        title=title,
        series=series,
        ordinal=ordinal,
        duration=duration,
    )


def _episodes(
    user: NDArray[np.int64], genre: NDArray[np.int64], shelf: Library, *, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Series (-1: a film) and ordinal of every viewing, shapes (events,).

    A user follows the same few series of a genre throughout, from an episode in their first half;
    when one has ended, its viewings are of films.
    """
    genres = len(catalogue.GENRES)
    users = int(user.max()) + 1
    choice = chains.draw_rows(
        chains.zipf(SERIES_PER_GENRE, 0.6)[None, :],
        np.zeros(users * genres * FOLLOWED, dtype=np.int64),
        rng=rng,
    ).reshape(users, genres, FOLLOWED)
    slot = rng.integers(0, FOLLOWED, len(user))
    series = genre * SERIES_PER_GENRE + choice[user, genre, slot]
    serial = rng.random(len(user)) < SERIES_SHARE
    started = rng.random(users * genres * SERIES_PER_GENRE)
    key = user * (genres * SERIES_PER_GENRE) + series
    start = (started[key] * shelf.length[series] / 2).astype(np.int64)
    ordinal = 1 + start + _earlier(key, serial)
    serial &= ordinal <= shelf.length[series]
    return np.where(serial, series, -1), np.where(serial, ordinal, 0)


def _earlier(key: NDArray[np.int64], counted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many earlier entries with the same key are `counted`, shape (n,)."""
    order = np.argsort(key, kind="stable")
    running: NDArray[np.int64] = np.cumsum(counted[order]) - counted[order]
    grouped = key[order]
    earlier = np.empty(len(key), dtype=np.int64)
    earlier[order] = running - running[np.searchsorted(grouped, grouped)]
    return earlier
