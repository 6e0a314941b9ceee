"""A repository with two versions of labels, for all tests of pages of one worker."""

from __future__ import annotations

import pytest
from support import changed_labels
from support.workspace import Workspace


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """HEAD pins the first version, the workspace the second."""
    return changed_labels.two_versions(tmp_path_factory.mktemp("versions"))
