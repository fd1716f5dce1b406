//! Named points at which a test makes a worker die, fail or hang: `TOCSIN_FAULT=NAME:EFFECT[:N]` strikes the N-th time
//! (first when missing) that NAME is passed, with EFFECT one of `abort`, `error`, `stall`. Nothing of it is in a release.

use super::AppError;

/// Every point, in the order a mail delivery and then a takedown pass them.
pub const POINTS: &[&str] = &[
    "claim.inside",
    "claim.after",
    "open.inside",
    "publish.inside",
    "publish.after",
    "intent.inside",
    "intent.after",
    "send.before",
    "send.after",
    "record.inside",
    "finish.inside",
    "finish.after",
    "look.after",
    "look.inside",
];

/// Passes a point.
#[cfg(debug_assertions)]
pub fn point(name: &str) -> Result<(), AppError> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    static WANTED: OnceLock<Option<(String, String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    debug_assert!(POINTS.contains(&name), "{name} is not in POINTS");
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("TOCSIN_FAULT").ok()?;
        let mut parts = text.split(':').map(str::to_owned);
        let (name, effect) = (parts.next()?, parts.next()?);
        Some((name, effect, parts.next().and_then(|n| n.parse().ok()).unwrap_or(1)))
    });
    let Some((point, effect, nth)) = wanted else { return Ok(()) };
    if point != name || PASSED.fetch_add(1, Ordering::SeqCst) + 1 != *nth {
        return Ok(());
    }
    eprintln!("fault point {name} hit: {effect}");
    match effect.as_str() {
        "abort" => std::process::abort(),
        "stall" => std::thread::sleep(std::time::Duration::from_secs(7)),
        _ => return Err(AppError::Unavailable(format!("fault point {name}"))),
    }
    Ok(())
}

/// Passes a point.
#[cfg(not(debug_assertions))]
#[inline]
pub fn point(_name: &str) -> Result<(), AppError> {
    Ok(())
}
