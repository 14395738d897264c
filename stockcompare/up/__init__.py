"""`make up`: one process that prepares the data, starts the database, the web and the worker, and watches them.

Nothing here serves a request. docs/decisions/supervisor.md says why this is not honcho, supervisor or circus.
"""
