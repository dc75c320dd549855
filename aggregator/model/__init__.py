"""The values that travel along the arrows between the packages: a file per noun.

Takes nothing, gives nothing, knows nothing: frozen, typed, pure. Instants are aware and UTC, durations are
`timedelta`, ids are text. Everything here survives a trip through JSON by `msgspec` unchanged.
"""
