"""When a source is due, and one conditional request under all limits.

Takes: a source, what its server wants to hear again, and the instant. Gives: one value (`Fetched`, `NotModified`,
`FetchFailed`), and when to ask next. Knows: HTTP, addresses, files inside the configuration folder; nothing of what
a feed says.

    due      outcome and settings → the next poll, and why then; pure
    fetch    every request that leaves the program: polls of feeds, and all others
    hop      one exchange over its redirects, under limits of time, size and number
    wire     one request over a connection: what stands on the line
    exact    the same through a proxy, for conditions that are no text
    reading  what the answer to a poll means
    rhythm   how often a feed publishes, learned
    holds    hosts that want to be left alone
    backlog  documents that wait for a reader
    robots   robots.txt, where the operator has it honoured
    proxy    proxies, where the operator names one
    deadline how long a request may take
    gate     how many requests run at once, in all and per host
    guard    which addresses, ports and schemes may be connected to
    coding   gzip, deflate, br and zstd, decoded in bounded pieces
    header   what an answer's header fields say: how long to wait, what to echo
    local    `file:` sources
    secret   credentials of a source, from the environment or a file
    failure  why nothing usable came, in words
    websub   what hubs of sources are asked, what is confirmed to them, which deliveries are believed
    alarm    what runs when (APScheduler)
"""
