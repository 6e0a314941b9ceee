"""Label Studio's SDK, which is large: loaded when a server is asked, its transport alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ls_dvc.errors import LsDvcError

if TYPE_CHECKING:
    import httpx
    from label_studio_sdk.core.api_error import ApiError

INSTALL = "pip install 'label-studio-sdk>=2.0.11,<3'"


def api_error() -> type[ApiError]:
    """What the SDK raises when a server refuses; `LsDvcError` when there is no SDK."""
    try:
        from label_studio_sdk.core.api_error import ApiError
    except ImportError as error:
        raise _missing(error) from None
    return ApiError


def open_transport(url: str, api_key: str, pool: httpx.Client) -> Any:
    """What sends requests with the key's authorization; `LsDvcError` when there is no SDK."""
    try:
        from label_studio_sdk.base_client import LabelStudioBase
    except ImportError as error:
        raise _missing(error) from None
    sdk = LabelStudioBase(base_url=f"{url}/", api_key=api_key, httpx_client=pool)
    return sdk._client_wrapper.httpx_client  # noqa: SLF001  (the SDK has no public way to make raw calls)


def _missing(error: ImportError) -> LsDvcError:
    return LsDvcError(f"asking the server needs Label Studio's SDK: {error}", INSTALL)
