"""The pages of imports: a file is brought, its headers are mapped, its plan is looked at, its open names are answered,
it is applied and, if need be, taken back.

What happens lies in `core.imports`, which these pages write through (`batches`); who may is asked of
`partnerships.permissions`. Every page works without JavaScript and names the batch by its reference, as in
``/imports/I12/``.
"""
