"""Import wizard: the pages on which a file is uploaded, its headers are mapped, its plan is reviewed, its open names
are answered, and it is applied and, if need be, undone.

What happens lies in `core.imports`, which these pages write through (`batches`); who may is asked of
`partnerships.permissions`. Every page works without JavaScript and names the batch by its reference, as in
``/imports/I12/``.
"""
