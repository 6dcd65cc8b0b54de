"""The closed list of what is audited."""

from __future__ import annotations

from weir.core.errors import InvalidValue

ACTIONS = {
    "activation.add": "layers were added to a fact",
    "activation.export": "states or summaries were written to a file",
    "activation.restate": "a fact and its layers were built again from a day on",
    "alerts.send": "alerts were delivered, or a channel was tried",
    "backup": "the home was copied at one snapshot",
    "console.apply": "a plan was started from the console",
    "console.draft": "a query was saved as a draft of a model",
    "console.look": "somebody compared the records with the files, from the console",
    "console.query": "somebody ran a query in the playground",
    "console.search_all": "somebody searched every event of a time",
    "console.sign_in": "somebody signed in",
    "collect.restart": "the collector's workers were replaced",
    "collect.start": "a collector ran",
    "dagster.mutation": "something was changed on Dagster's page",
    "demo": "the demonstration wrote its home",
    "env.create": "an environment was made",
    "env.drop": "an environment was removed",
    "env.promote": "an environment's partitions were put into production",
    "env.rollback": "a promotion was taken back",
    "events.activate": "a version of an event may be sent",
    "events.archive": "an event or version ended",
    "events.deprecate": "an event is to be replaced",
    "events.export": "files were written from the event registry",
    "events.generate": "models were written from the event files",
    "events.import": "an event was made of a schema",
    "events.new_version": "a draft of an event was made",
    "events.review": "a review was asked for or given",
    "events.save": "edits of events were committed",
    "events.take": "a saved branch was taken into the checkout",
    "events.send": "events were posted to a collector",
    "events.term": "a word was added to the dictionary",
    "landing.import": "history was loaded",
    "landing.seal": "what waited in the spool was landed",
    "ledger.rebuild": "the ledger was reconstructed from the lake",
    "maintain": "files were merged, snapshots expired, leftovers removed",
    "partitions.materialize": "partitions were built",
    "partitions.reconcile": "metadata of partitions was repaired",
    "people.add": "somebody was let into the console",
    "people.remove": "somebody was let in no more",
    "people.revoke": "a person's token was ended",
    "people.role": "somebody got another role",
    "people.token": "a person's token or sign-in link was made",
    "plan.apply": "a plan was carried out",
    "plan.cancel": "a plan was cancelled",
    "plan.make": "a plan was made and kept",
    "quarantine.replay": "quarantined events were judged again and landed",
    "restore": "a home was made from a backup",
    "run": "what was missing or stale was built",
    "settings": "a setting of the home was changed",
    "tokens.create": "a producer's token was made",
    "tokens.revoke": "a producer's token was ended",
    "tokens.rotate": "a producer's token was replaced",
    "up": "the services of one machine ran",
}


def check_action(action: str) -> str:
    """Return an action that is in the list.

    Raises:
        InvalidValue: if it is not.
    """
    if action not in ACTIONS:
        raise InvalidValue("action", action, ACTIONS)
    return action
