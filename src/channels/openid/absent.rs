//! The identity provider in a build without the feature `openid`: there is none, and asking for one says so.

use super::{Departure, Identity, Kept, VisitFailed};
use crate::config::Openid;
use chrono::{DateTime, Utc};
use std::future::Ready;

/// No value of this type exists.
#[derive(Debug)]
pub enum Provider {}

impl Provider {
    /// None when off; an error when the configuration names one.
    pub fn new(config: &Openid) -> Result<Option<Self>, String> {
        if config.is_on() {
            return Err(
                "names a provider, but this program was built without it; build with `--features openid`".into()
            );
        }
        Ok(None)
    }

    /// Cannot be called.
    pub fn depart(&self, _state: &str) -> Ready<Result<Departure, VisitFailed>> {
        match *self {}
    }

    /// Cannot be called.
    pub fn identify(&self, _code: &str, _kept: &Kept, _now: DateTime<Utc>) -> Ready<Result<Identity, VisitFailed>> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_in_the_configuration_is_refused_with_what_to_build() {
        assert!(matches!(Provider::new(&Openid::default()), Ok(None)));
        let config = Openid { issuer: "https://id.example.be".to_owned(), ..Openid::default() };
        assert!(Provider::new(&config).is_err_and(|why| why.contains("--features openid")));
    }
}
