"""A repository with two versions of labels, for all tests of pages of one worker."""

from __future__ import annotations

import pytest
from support import changed_labels, notebook
from support.workspace import Workspace


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """HEAD pins the first version, the workspace the second."""
    return changed_labels.two_versions(tmp_path_factory.mktemp("versions"))


@pytest.fixture(scope="session")
def all_fragments(two_versions: Workspace) -> list[str]:
    """What a notebook shows of these versions."""
    return notebook.fragments_of(two_versions.path)
