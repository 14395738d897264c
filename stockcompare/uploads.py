"""Files of bars that are handed in through the admin, kept until the worker has imported them."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename

if TYPE_CHECKING:
    Upload = UploadedFile[bytes]

_LABELS = [("", "found in the file"), ("start", "the start of the minute"), ("end", "the end of the minute")]
_ZONES = [("", "found in the file"), ("new_york", "New York"), ("utc", "UTC")]
_SUFFIXES = (".csv", ".txt", ".json", ".parquet", ".zip", ".csv.gz", ".txt.gz")
_STATED = "stated.json"


class UploadForm(forms.Form):
    """A file and what is stated of it."""

    file = forms.FileField(
        help_text="CSV, Parquet or zip. Name it by its symbol, like AAPL.csv, unless a column says whose the bars are."
    )
    label = forms.ChoiceField(choices=_LABELS, required=False, label="What a stamp names")
    zone = forms.ChoiceField(choices=_ZONES, required=False, label="Clock of the stamps")
    columns = forms.CharField(
        max_length=500,
        required=False,
        label="Names of the columns",
        help_text="Only where the layout is not known by itself, like stamp=when,open=o,symbol=ticker.",
    )

    def clean_file(self) -> "Upload":
        file: Upload = self.cleaned_data["file"]
        if not str(file.name).lower().endswith(_SUFFIXES):
            raise ValidationError(f"Only files that end in {', '.join(_SUFFIXES)} hold bars.")
        if (file.size or 0) > settings.FILES_UPLOAD_MAX_MEGABYTES << 20:
            raise ValidationError(
                f"The file is larger than {settings.FILES_UPLOAD_MAX_MEGABYTES} MB; pack it, split it, or import it "
                "with fetch_prices --provider files."
            )
        return file

    @property
    def stated(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("label", "zone", "columns") if self.cleaned_data[name]}


def keep_upload(run_id: int, file: "Upload", stated: Mapping[str, str]) -> None:
    folder = _folder(run_id)
    folder.mkdir(parents=True)
    with (folder / get_valid_filename(Path(str(file.name)).name)).open("wb") as handle:
        for chunk in file.chunks():
            handle.write(chunk)
    (folder / _STATED).write_text(json.dumps(dict(stated)))


def read_upload(run_id: int) -> tuple[Path, dict[str, str]]:
    """Return the file of a run and what was stated of it. Raises FileNotFoundError."""
    folder = _folder(run_id)
    stated: dict[str, Any] = json.loads((folder / _STATED).read_text())
    return next(path for path in folder.iterdir() if path.name != _STATED), stated


def forget_upload(run_id: int) -> None:
    shutil.rmtree(_folder(run_id), ignore_errors=True)


def _folder(run_id: int) -> Path:
    folder: Path = settings.VAR_DIR / "uploads" / str(run_id)
    return folder
