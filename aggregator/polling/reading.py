"""What the answer to a poll means: a document, nothing new, or a failure that deletes nothing."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model.fetched import FailureKind, Fetched, NotModified, Validators
from aggregator.model.source import Source
from aggregator.polling import header
from aggregator.polling.failure import Failure
from aggregator.polling.holds import host_of
from aggregator.polling.hop import Hop, Response, Trail


async def poll_answer(
    source: Source, hop: Hop, answer: Response, sent: Validators, delay: timedelta | None
) -> Fetched | NotModified:
    """What the answer to a poll means; its body where it has one that counts."""
    trail, now = hop.trail, hop.now
    wait = header.retry_after(answer.headers, now)
    if answer.status == 304:
        if sent == Validators():
            raise Failure(
                FailureKind.PROTOCOL, "answered 304 (not modified) to a request without condition", status=304
            )
        return NotModified(
            source=source.id,
            asked_at=now,
            validators=header.validators(answer.headers, sent),
            permanent_url=trail.permanent_url,
            retry_after=wait,
            max_age=header.max_age(answer.headers, now),
            crawl_delay=delay,
            took=hop.took,
        )
    _judge_status(answer, wait, trail, sent)
    body = await hop.body(answer)
    if not body or body.isspace():
        raise Failure(
            FailureKind.CONTENT, f"answered {answer.status} with nothing", status=answer.status, retry_after=wait
        )
    links = answer.headers.getall("Link", ())
    return Fetched(
        source=source.id,
        asked_at=now,
        final_url=str(trail.url),
        status=answer.status,
        body=body,
        content_type=answer.headers.get("Content-Type"),
        content_location=answer.headers.get("Content-Location"),
        validators=header.validators(answer.headers),
        permanent_url=trail.permanent_url,
        retry_after=wait,
        max_age=header.max_age(answer.headers, now),
        licences=header.licences(links, str(trail.url)),
        said=header.said(answer.headers, str(trail.url)),
        hubs=header.related(links, "hub", str(trail.url)),
        selves=header.related(links, "self", str(trail.url)),
        is_delta=answer.status == 226,
        crawl_delay=delay,
        took=hop.took,
    )


def _judge_status(answer: Response, wait: timedelta | None, trail: Trail, sent: Validators) -> None:
    """Only 200 and 203 bring a whole document, and only 226 to an ETag of ours brings what is new since (RFC 3229)."""
    status = answer.status
    if status in (200, 203):
        return
    if status == 226:
        if sent.etag is not None and header.is_feed_delta(answer.headers):
            return
        raise Failure(FailureKind.CONTENT, "answered 226 with a part that nobody asked for", status=226)
    where = f" after a redirect to {trail.host}" if trail.redirected else ""
    if status == 410:
        raise Failure(FailureKind.GONE, f"answered 410 (gone){where}", status=status, retry_after=wait)
    if status == 206:
        raise Failure(FailureKind.CONTENT, f"answered 206 with a part only{where}", status=status, retry_after=wait)
    if 200 <= status < 300:
        raise Failure(FailureKind.CONTENT, f"answered {status} with nothing{where}", status=status, retry_after=wait)
    if status in (401, 403) and not trail.at_home:
        where += "; headers and credentials go to the feed's own origin only, so name the new address in 'feed'"
    raise Failure(
        FailureKind.HTTP_STATUS, f"answered {status}{where}", status=status, retry_after=wait, host=host_of(trail.url)
    )
