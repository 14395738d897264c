"""What Apache Spark needs for a lake in a bucket: Hadoop's S3 client, and the way to the endpoint.

Hadoop asks for the whole AWS SDK, 640 MB. Named here is the part that its S3 client uses, 12 MB.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

# Of the Hadoop that PySpark brings, and of what that version was built with.
HADOOP = "3.4.2"
_AWS_SDK = "2.29.52"
PACKAGES = (
    f"org.apache.hadoop:hadoop-aws:{HADOOP}",
    "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3:1.2.1",
    *(f"software.amazon.awssdk:{module}:{_AWS_SDK}" for module in ("s3", "s3-transfer-manager", "sts")),
)
# The whole SDK, options of Hadoop that the lake does not use, and what Spark has itself.
_LEFT_OUT = (
    "software.amazon.awssdk:bundle",
    "software.amazon.encryption.s3:*",
    "org.wildfly.openssl:*",
    "io.netty:*",
    "org.slf4j:*",
    "commons-codec:*",
    "commons-logging:*",
    "org.apache.httpcomponents:*",
)
FILE_SYSTEM = "org.apache.hadoop.fs.s3a.S3AFileSystem"


def bucket_settings(storage_options: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a driver whose lake is in a bucket, from the options of the lake's own client.

    Credentials stay in the environment: Spark takes them from there itself, and hands them to its executors.
    """
    settings = {
        "spark.jars.packages": ",".join(PACKAGES),
        "spark.jars.excludes": ",".join(_LEFT_OUT),
        "spark.hadoop.fs.s3.impl": FILE_SYSTEM,
        # Hadoop's own limits are for clusters that can wait half an hour.
        "spark.hadoop.fs.s3a.attempts.maximum": storage_options["max_retries"],
        "spark.hadoop.fs.s3a.retry.limit": storage_options["max_retries"],
        "spark.hadoop.fs.s3a.connection.establish.timeout": storage_options["connect_timeout"],
    }
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        settings["spark.hadoop.fs.s3a.endpoint.region"] = region
    if endpoint := storage_options.get("AWS_ENDPOINT_URL"):
        settings |= {
            "spark.hadoop.fs.s3a.endpoint": endpoint,
            "spark.hadoop.fs.s3a.connection.ssl.enabled": str(urlsplit(endpoint).scheme == "https").lower(),
            # Servers that are not Amazon's seldom have a host name for each bucket.
            "spark.hadoop.fs.s3a.path.style.access": "true",
        }
    return settings
