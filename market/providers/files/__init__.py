"""Files that people own: CSV and Parquet in any layout that can be told or is stated, and LEAN's zips.

A file is read once (`scan`), its clock and label are decided for the whole of it, and its bars are laid aside by
symbol and month. From there on `files` is a provider like any other; the reply of a symbol-month is a CSV whose stamps
are UTC starts, so that it can be read again without the file, and its `request` names the files it came from.
"""
