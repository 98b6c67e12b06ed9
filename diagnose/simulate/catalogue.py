"""What there is to look at: named categories, the paths between them, items with lives and popularity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.simulate import chains

SHOP: tuple[str, ...] = (
    "Computers",
    "Computer accessories",
    "Printers",
    "Ink cartridges",
    "Cameras",
    "Lenses",
    "Camera bags",
    "Phones",
    "Phone cases",
    "Headphones",
    "Coffee machines",
    "Coffee beans",
    "Running shoes",
    "Sports watches",
    "Tents",
    "Sleeping bags",
    "Prams",
    "Baby clothes",
    "Toys",
    "Garden tools",
    "Sofas",
    "Lamps",
    "Books",
    "Make-up",
)

# Where an interest tends to lead. One way only: nobody buys a lens and then wonders about a camera.
# Several paths chain up; six categories lead nowhere.
SHOP_PATHS: Mapping[str, str] = {
    "Computers": "Computer accessories",
    "Computer accessories": "Printers",
    "Printers": "Ink cartridges",
    "Cameras": "Lenses",
    "Lenses": "Camera bags",
    "Phones": "Phone cases",
    "Phone cases": "Headphones",
    "Coffee machines": "Coffee beans",
    "Running shoes": "Sports watches",
    "Tents": "Sleeping bags",
    "Prams": "Baby clothes",
    "Baby clothes": "Toys",
    "Sofas": "Lamps",
    "Camera bags": "Tents",
    "Headphones": "Running shoes",
    "Sleeping bags": "Garden tools",
    "Toys": "Books",
    "Books": "Lamps",
}

GENRES: tuple[str, ...] = (
    "Crime",
    "Comedy",
    "Drama",
    "Science fiction",
    "Documentary",
    "Romance",
    "Animation",
    "Thriller",
    "History",
    "Horror",
    "Cooking",
    "Sport",
)

APPS_CATEGORY = "Third-party apps"


def successors(names: Sequence[str], paths: Mapping[str, str]) -> NDArray[np.int64]:
    """The category that each one leads to, -1 where it leads nowhere, shape (K,)."""
    code = {name: index for index, name in enumerate(names)}
    return np.array([code[paths[name]] if name in paths else -1 for name in names], dtype=np.int64)


def item_names(count: int, *, first: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Item ids as a platform has them: integers in no order that means anything, shape (count,)."""
    return np.asarray(first + rng.permutation(count), dtype=np.int64)


def user_names(count: int, *, rng: np.random.Generator) -> NDArray[np.str_]:
    """User ids, "u000123", in no order that means anything, shape (count,)."""
    width = max(6, len(str(count)))
    return np.array([f"u{number:0{width}d}" for number in rng.permutation(count)])


def shelf_popularity(categories: int, size: int, *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Popularity of the places of each category's shelf: Zipf in random places, shape (categories, size)."""
    ranks = np.argsort(rng.random((categories, size)), axis=1)
    return np.asarray(chains.zipf(size, 0.8)[ranks])


def alive(moments: int, items: int, *, life: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """How visible each item is at each moment, shape (moments, items): born, rising at once, fading out.

    `life` is the mean life as a share of the span. Births are spread evenly, a life before the log
    begins included, so that the number of items alive holds steady; a thousandth always remains.
    """
    born = rng.uniform(-life, 1.0, items)
    length = life * rng.gamma(4.0, 0.25, items)
    age = (np.arange(moments)[:, None] + 0.5) / moments - born[None, :]
    visible = np.where((age >= 0) & (age < length), 1.0 - 0.8 * age / length, 0.0)
    return np.asarray(visible + 1e-3)
