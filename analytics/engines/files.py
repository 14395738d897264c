"""Reading named files with what is known of each file as columns, the way that suits the engine."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import PurePosixPath

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

_NAME = "labelled_file"
Label = str | int


@dataclass(frozen=True)
class Labelled:
    """Files whose rows all get these labels as columns."""

    labels: Mapping[str, Label]
    urls: Sequence[str]


def read_labelled(session: SparkSession, columns: str, groups: Sequence[Labelled]) -> DataFrame:
    """Read Parquet files with these columns and their labels; the rows of a file in several groups come with each.

    Raises ValueError when different files have one name.
    """
    if not _tells_names(session):
        return reduce(DataFrame.unionByName, [_read_group(session, columns, group) for group in groups])
    urls = sorted({url for group in groups for url in group.urls})
    rows = session.read.schema(columns).parquet(*urls).select("*", F.col("_metadata.file_name").alias(_NAME))
    return rows.join(F.broadcast(_labels(session, groups)), _NAME).drop(_NAME)


def _tells_names(session: SparkSession) -> bool:
    """Return whether the engine can say which file a row is from, which Sail cannot.

    A scan for each group costs Apache Spark some tenths of a second of planning and of tasks, Sail next to nothing.
    """
    # Every application of Apache Spark has an id.
    return session.conf.get("spark.app.id", None) is not None


def _read_group(session: SparkSession, columns: str, group: Labelled) -> DataFrame:
    rows = session.read.schema(columns).parquet(*group.urls)
    return rows.select("*", *(F.lit(value).alias(name) for name, value in group.labels.items()))


def _labels(session: SparkSession, groups: Sequence[Labelled]) -> DataFrame:
    columns: dict[str, list[Label]] = defaultdict(list)
    urls: dict[str, str] = {}
    for group in groups:
        for url in group.urls:
            name = PurePosixPath(url).name
            if urls.setdefault(name, url) != url:
                raise ValueError(f"{url} and {urls[name]} have one name")
            for column, value in {_NAME: name, **group.labels}.items():
                columns[column].append(value)
    return session.createDataFrame(pa.table(dict(columns)))
