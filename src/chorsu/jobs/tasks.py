"""Background jobs: each takes primitives and makes one call down."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Status

from chorsu.exchange.actions import clean_up
from chorsu.exchange.queries import peers_to_look_at
from chorsu.flows import (
    alerting,
    bringing_home,
    carrying,
    certifying,
    erasing,
    forgetting,
    harvesting,
    peering,
    reminding,
    restoring,
    scoring,
    sweeping,
    warning,
    witnessing,
)
from chorsu.flows.indexing import index_some
from chorsu.flows.informing import inform
from chorsu.flows.pulling import pull_until_quiet
from chorsu.flows.telling import tell_some
from chorsu.harvested.queries import due
from chorsu.kernel.clock import utc_now
from chorsu.search import actions as search
from chorsu.search import embedding, learning, switching
from chorsu.search.saved import Alert
from chorsu.search.saving import forget_old_matches
from chorsu.tools.actions import forget_spent
from chorsu.tools.actions.content import forget_content
from chorsu.tools.actions.platforms import forget_arrivals
from chorsu.training.actions.attempts import hand_in_due
from chorsu.training.actions.retaining import forget_old
from chorsu.training.actions.telling import forget_untold

EVERY_TEN_SECONDS = "* * * * * */10"
EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_HOUR = "17 * * * *"
EVERY_NIGHT = "41 2 * * *"
COUNTING = "chorsu.jobs.tasks.counting_words"
EVERY_MORNING = "7 1 * * *"
"""By UTC: six or seven o'clock where this network's people are, nine in Beijing."""
KEEP_JOBS_HOURS = 72
# Before work that can take its time, such as embedding: a reader waits at the other end.
SOON = 10
# The queue for which every worker keeps a hand free.
PROMPT = "prompt"
# The queue of which every worker does one job at a time: a process has one encoder.
EMBEDDING = "embedding"
# The queue of all else.
COMMON = "default"
PASSAGES_A_JOB = 64
# So long an encoder that was changed can be changed back without making its vectors anew.
VECTORS_KEPT = timedelta(hours=1)
RECORDS_A_JOB = 64
LONGEST_REST_S = 1.0
A_MOMENT_S = 1.0
ATTEMPTS_A_JOB = 500


@app.task(queue=PROMPT, priority=SOON)
def pull_peer(peer_name: str) -> None:
    """Read a peer's log and take in what is new, again for as long as pings come meanwhile."""
    pull_until_quiet(peer_name=peer_name, clock=utc_now)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(queue=PROMPT, queueing_lock="chorsu.jobs.tasks.pull_all", priority=SOON)
def pull_all(timestamp: int) -> None:
    """Have every peer read that has not been looked at for `exchange.pull_seconds`."""
    now, pause = utc_now(), timedelta(seconds=settings.NODE.number("exchange.pull_seconds"))
    for name in peers_to_look_at(now - pause, now):
        peering.look_now(name=name, now=now)


@app.task(queue=PROMPT, priority=SOON)
def ping_peers() -> None:
    """Tell the peers that this node's feed has grown."""
    peering.ping_all()


@app.task(retry=RetryStrategy(max_attempts=11, exponential_wait=3))
def tell_peer(peer_name: str) -> None:
    """Tell a peer that it is confirmed here; tried again for some days."""
    peering.tell(name=peer_name)


@app.task(retry=RetryStrategy(max_attempts=11, exponential_wait=3))
def warn_administrators(code: str, peer: str, at: str) -> None:
    """Have every administrator mailed what only a person can put right."""
    warning.warn_all(code=code, peer=peer, at=at)


@app.task(retry=RetryStrategy(max_attempts=11, exponential_wait=3))
def warn_administrator(person: str, code: str, peer: str, at: str) -> None:
    """Mail it to one of them; tried again for some days while the mail server is away."""
    warning.warn(person_id=int(person), code=code, peer=peer, at=at)


@app.task
def carry_bundle(number: str) -> None:
    """Make or take in one bundle; begun anew if a worker was killed over it."""
    carrying.carry(number=int(number), clock=utc_now)


@app.task
def issue_certificates(number: str) -> None:
    """Issue a cohort's certificates; begun anew where it was if a worker was killed over it."""
    certifying.issue_all(number=int(number), clock=utc_now)


@app.task
def restore_log() -> None:
    """Bring this node's own log back from its peers; begun anew if a worker was killed over it."""
    restoring.carry_out(clock=utc_now)


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(queueing_lock="chorsu.jobs.tasks.heed_mark", priority=SOON)
def heed_mark(timestamp: int) -> None:
    """Stop the log if the data folder remembers more of it than the database."""
    witnessing.heed_mark(now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.remove_old_bundles")
def remove_old_bundles(timestamp: int) -> None:
    """Remove bundles that have lain for their days."""
    carrying.remove_old(now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.forget_nonces")
def forget_nonces(timestamp: int) -> None:
    """Forget nonces whose requests would be refused as too old by now."""
    clean_up(now=utc_now())


@app.periodic(cron=EVERY_NIGHT)
@app.task(queueing_lock="chorsu.jobs.tasks.sweep_blobs")
def sweep_blobs(timestamp: int) -> None:
    """Remove blobs that nothing names, and bytes that a killed process kept without a row."""
    sweeping.sweep_tonight(now=utc_now())


@app.task(queue=PROMPT, priority=SOON)
def ask_to_forget() -> None:
    """Ask other nodes to forget the people who want that."""
    forgetting.ask_all(now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.ask_to_forget_again")
def ask_to_forget_again(timestamp: int) -> None:
    """Ask once more those that have not confirmed it."""
    forgetting.ask_all(now=utc_now())


@app.task(retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def bring_home(node: str) -> None:
    """Fetch the certificates of people of this node who learned at another and want them here."""
    bringing_home.bring_from(node=node, now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.bring_all_home")
def bring_all_home(timestamp: int) -> None:
    """Ask all such nodes once more, and take out of ledgers what was revoked there."""
    bringing_home.bring_all(now=utc_now())


@app.task(retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def finish_erasures() -> None:
    """Remove the bytes of what was erased."""
    erasing.finish(now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.finish_left_over")
def finish_left_over(timestamp: int) -> None:
    """Remove the bytes of what was erased, which a killed worker or a store that failed left."""
    erasing.finish(now=utc_now())


@app.periodic(cron=EVERY_NIGHT)
@app.task(queueing_lock="chorsu.jobs.tasks.sweep_erased")
def sweep_erased(timestamp: int) -> None:
    """Remove bytes of erased blobs that came back, as with a restored folder."""
    erasing.sweep(now=utc_now())


@app.task
def harvest_repository(repository_id: str) -> None:
    """Read some pages of a foreign repository; another job goes on while there is more."""
    number = int(repository_id)
    if harvesting.harvest(repository_id=number, clock=utc_now, pause=time.sleep):
        harvesting.go_on(repository_id=number)


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(queueing_lock="chorsu.jobs.tasks.harvest_all")
def harvest_all(timestamp: int) -> None:
    """Have every repository read that is under way, or was last read `harvest.hours` ago."""
    now = utc_now()
    for number in due(now, now - timedelta(hours=settings.NODE.number("harvest.hours"))):
        harvesting.go_on(repository_id=number)


@app.task(queue=EMBEDDING, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def embed_waiting() -> None:
    """Give some passages of search their vectors; another job goes on while any wait.

    While more wait than this job takes, another worker is asked to help from its beginning on.
    """
    if embedding.more_wait_than(PASSAGES_A_JOB):
        search.defer_embedding()
    if embedding.embed_waiting(PASSAGES_A_JOB) >= PASSAGES_A_JOB:
        search.defer_embedding()


def _rest(seconds: float) -> None:
    """As long as the work took, unless that was waiting for somebody else rather than work."""
    time.sleep(min(seconds, LONGEST_REST_S))


@app.task(retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def index_waiting() -> None:
    """Take some records that wait into the index; another job goes on while any wait.

    What was just published is read first, before it is found: that wants the processor for a
    moment. After each record it rests as long as that took: on a small machine it would else take
    from whoever searches the processor that their question wants.
    """
    time.sleep(A_MOMENT_S)
    if index_some(limit=RECORDS_A_JOB, pause=_rest) >= RECORDS_A_JOB:
        search.defer_indexing()
    else:
        search.defer_learning()


@app.task(retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def learn_waiting() -> None:
    """Learn titles and words of some records; another job goes on while any wait.

    The index first, which calls for this at its end: both at once would leave whoever searches no
    processor on a small machine. A few that cannot be indexed hold nothing up.
    """
    if search.more_records_wait_than(RECORDS_A_JOB):
        return
    if learning.learn_waiting(limit=RECORDS_A_JOB) >= RECORDS_A_JOB:
        search.defer_learning()


@app.periodic(cron=EVERY_NIGHT)
@app.task(queueing_lock="chorsu.jobs.tasks.forget_gone_words")
def forget_gone_words(timestamp: int) -> None:
    """Drop words that no record has any more."""
    learning.forget_gone_words()


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(queueing_lock="chorsu.jobs.tasks.tell_of_new")
def tell_of_new(timestamp: int) -> None:
    """Hold new records against the saved searches, and mail who wants to know at once."""
    while alerting.look_for_new(now=utc_now()):
        pass
    alerting.mail_new(alert=Alert.AT_ONCE, now=utc_now())


@app.periodic(cron=EVERY_MORNING)
@app.task(queueing_lock="chorsu.jobs.tasks.tell_of_the_day")
def tell_of_the_day(timestamp: int) -> None:
    """Mail who wants to know once a day what is new, and forget what was new long ago."""
    alerting.mail_new(alert=Alert.DAILY, now=utc_now())
    forget_old_matches(now=utc_now())


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(queue=PROMPT, queueing_lock="chorsu.jobs.tasks.hand_in_quizzes", priority=SOON)
def hand_in_quizzes(timestamp: int) -> None:
    """Hand in the quizzes that time has run out of, whether or not their learners are there."""
    hand_in_due(now=utc_now(), limit=ATTEMPTS_A_JOB)


@app.periodic(cron=EVERY_MORNING)
@app.task(queueing_lock="chorsu.jobs.tasks.remind_learners")
def remind_learners(timestamp: int) -> None:
    """Mail who has key points to remember today."""
    reminding.remind_all(now=utc_now())


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(queueing_lock="chorsu.jobs.tasks.embed_left_over")
def embed_left_over(timestamp: int) -> None:
    """Have indexed, embedded and learned what was left waiting.

    A killed worker left it, or its encoder could make no vectors. What an encoder made that has
    left goes after some time.
    """
    switching.fill()
    switching.clear(left_before=utc_now() - VECTORS_KEPT)
    search.defer_indexing()
    search.defer_embedding()
    search.defer_learning()


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(queueing_lock="chorsu.jobs.tasks.count_new_words", lock=COUNTING)
def count_new_words(timestamp: int) -> None:
    """Count the words of search if many are new, so that rare ones are told from common ones."""
    search.count_words(anew=False)


@app.periodic(cron=EVERY_NIGHT)
@app.task(queueing_lock="chorsu.jobs.tasks.count_words", lock=COUNTING)
def count_words(timestamp: int) -> None:
    """Count the words of search, and drop those that no passage has any more."""
    search.count_words(anew=True)


@app.task
def inform_learners() -> None:
    """Mail learners what is to be told: where they are, what their teachers write."""
    inform(now=utc_now())


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(queueing_lock="chorsu.jobs.tasks.inform_left_over")
def inform_left_over(timestamp: int) -> None:
    """Mail learners what a killed worker or a mail server that was away left untold."""
    inform(now=utc_now())


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(queueing_lock="chorsu.jobs.tasks.tell_record_store")
def tell_record_store(timestamp: int) -> None:
    """Tell a learning record store what learners did, if the node has one."""
    tell_some(now=utc_now())


@app.task(retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def note_scores(enrolment: str) -> None:
    """A guest's results have moved: their learning system is told, if its link asked for that."""
    scoring.note_results(enrolment_id=UUID(enrolment), now=utc_now())
    scoring.send_due(now=utc_now())


@app.periodic(cron=EVERY_MINUTE)
@app.task(queueing_lock="chorsu.jobs.tasks.send_scores")
def send_scores(timestamp: int) -> None:
    """Forget launches nobody came by, and send once more what learning systems did not take."""
    # First what is promised for a time: sending can take its own.
    forget_arrivals(now=utc_now())
    scoring.send_due(now=utc_now())


@app.periodic(cron=EVERY_NIGHT)
@app.task(queueing_lock="chorsu.jobs.tasks.forget_old_training")
def forget_old_training(timestamp: int) -> None:
    """Delete data on learners whose time has run out, and nonces too old to be taken anyway."""
    forget_old(today=timezone.localdate())
    scoring.forget_lines()
    forget_spent(now=utc_now())
    forget_content(now=utc_now())
    forget_untold(now=utc_now())


@app.periodic(cron=EVERY_HOUR)
@app.task(queueing_lock="chorsu.jobs.tasks.remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Drop jobs that ended days ago, failed ones too."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron=EVERY_TEN_SECONDS)
@app.task(queueing_lock="chorsu.jobs.tasks.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Do again what a killed worker had begun, unless the same already waits."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except ConnectorException:
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
