"""What every test shares: how hard Hypothesis tries, and where data that is not shipped lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

PROPERTIES: Final = Path(__file__).parent / "properties"

# No deadline anywhere: it would measure the machine, not the code.
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, derandomize=False, max_examples=200, print_blob=True)
for name, examples in (("long", 5_000), ("thorough", 20_000)):
    settings.register_profile(
        name,
        deadline=None,
        max_examples=examples,
        print_blob=True,
        # So many examples are slow by intent.
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what Hypothesis drives, and whatever stands beside it, as `property`."""
    for item in items:
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if drawn or PROPERTIES in item.path.parents:
            item.add_marker(pytest.mark.property)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder that NEGOTIATION_TEST_DATA names: real data that the project does not ship."""
    folder = os.environ.get("NEGOTIATION_TEST_DATA")
    if folder is None:
        pytest.skip("NEGOTIATION_TEST_DATA is not set, so there is no data to test with")
    path = Path(folder)
    if not path.is_dir():
        pytest.skip(f"NEGOTIATION_TEST_DATA is {folder}, which is no folder")
    return path
