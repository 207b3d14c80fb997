"""Results as data sets that other tools open. A new format is one file and one line in `formats.FORMATS`.

The window reads `item`, `formats` and `target`; what decodes or writes runs in another process
(`recogniser.export_job`) or in the command line.
"""
