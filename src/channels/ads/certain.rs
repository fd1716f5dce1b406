//! What a platform's answers make certain, in the engine's words, and how patiently it is asked.

use super::{Failed, Next, Trouble};
use crate::channels::Failure;
use std::time::Duration;

/// How soon an account that a person has to put right is asked again.
pub(super) const PERSON: Duration = Duration::from_mins(15);

/// What is certain, in the engine's words.
pub(super) fn failure(failed: Failed) -> Failure {
    let reason = failed.to_string();
    match (failed.next, failed.trouble) {
        (Next::Retry { after }, Trouble::TooMany) => Failure::Retry { after, reason },
        (Next::Retry { after }, _) => Failure::Down { after, reason },
        (Next::Person, _) => Failure::Down { after: Some(PERSON), reason },
        // Of this name there is something: the engine looks it up.
        (Next::LookUp, _) | (Next::Permanent, Trouble::Duplicate) => Failure::Unknown { reason },
        (Next::Permanent, _) => Failure::Refused { reason },
    }
}

/// The same failure of a create of which a part was just made: saying that nothing happened would let the engine begin anew
/// before lists show that part.
pub(super) fn begun(failure: Failure) -> Failure {
    match failure {
        Failure::Retry { after, reason } | Failure::Down { after, reason } => Failure::Begun { after, reason },
        other => other,
    }
}

/// Pauses before a look-up that got no answer is made again at once: it changes nothing, and a composite call that fails with
/// every tenth request would otherwise hardly ever come to its end.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Asks up to three times. A platform that names a time or says what is wrong is not asked again.
pub(super) async fn patiently<T, F>(ask: impl Fn() -> F + Send) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failed>> + Send,
{
    for pause in AGAIN {
        match ask().await {
            Err(Failed { next: Next::Retry { after: None }, trouble: Trouble::NoAnswer | Trouble::Outage, .. }) => {
                tokio::time::sleep(pause).await;
            }
            other => return other.map_err(failure),
        }
    }
    ask().await.map_err(failure)
}
