"""Entries and decisions become documents with every duty discharged, and the proof of it.

Takes: stored entries, their contents, decisions, outputs. Gives: ready bytes in RSS, Atom, JSON Feed and HTML.
Knows: the formats, the credit templates. It makes no decisions, asks no clock and opens no connection.

    select      which entries an output would like, in which order, each story once
    compose     entry + content + decision → Item, every duty discharged; excerpt cuts, credit words it
    atom rss jsonfeed page      Item → its bytes in one format, and a document around such bytes
    verify      reads the bytes again and looks for every duty
    render      all of it for one output, keeping what has not changed
    notify      what hubs, their subscribers and webhooks are sent, signed, and when again
    messages    what happened, as webhooks are told of it
    files       documents as files that are never half there
"""
