"""Settings under which a whole diagnosis of a small shop takes seconds, and yet every probe measures."""

from __future__ import annotations

from dataclasses import replace

from diagnose.settings import Settings

USERS = 300  # of a shop that such a diagnosis can measure
ENOUGH = 200  # users, where a real log needs 500


def light(settings: Settings) -> Settings:
    """The same with few users needed, few targets a user, few shuffles and few draws."""
    return replace(
        settings,
        hygiene=replace(settings.hygiene, minimum_users=ENOUGH),
        order=replace(
            settings.order,
            minimum_users=ENOUGH,
            targets_per_user=12,
            permutations=1,
            depth_permutations=1,
            choosing_targets=2_000,
            windows=(1, 3),
        ),
        item_order=replace(settings.item_order, minimum_users=ENOUGH, targets_per_user=5, permutations=1),
        thinning=replace(
            settings.thinning,
            rates=(1.0, 0.3),
            permutations=1,
            category_draws=2,
            draw_users=50,
            rerun_targets=2_000,
            tie_redraws=1,
        ),
    )
