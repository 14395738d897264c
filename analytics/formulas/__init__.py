"""The measures as functions of numpy arrays, for the transforms and for queries alike.

They know neither Spark nor a lake. NaN stands for what is not defined, and becomes null where a table is made.
"""
