//! The identity provider over HTTPS: discovery and keys cached for an hour, codes exchanged, tokens verified.

use super::{Departure, Identity, Kept, VisitFailed};
use crate::config::Openid;
use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm as Algorithm, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, TokenResponse, http,
};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long what the provider says about itself, and its keys, are believed without asking again.
const FRESH: Duration = Duration::from_hours(1);
/// A key we do not know may be new: then we ask again, but not more often than this.
const NEW_KEY: Duration = Duration::from_mins(1);
/// How long we do not ask again after it did not answer.
const DOWN: Duration = Duration::from_secs(5);
/// No document of the protocol is larger.
const LARGEST: usize = 1024 * 1024;

enum Known {
    Nothing,
    Says(Box<CoreProviderMetadata>, Instant),
    Down(String, Instant),
}

/// An identity provider.
pub struct Provider {
    config: Openid,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: reqwest::Client,
    known: Mutex<Known>,
}

/// A request failed before there was an answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Shape(#[from] http::Error),
    #[error("the answer is longer than {LARGEST} bytes")]
    TooLong,
}

fn refused(reason: &'static str, detail: impl ToString) -> VisitFailed {
    VisitFailed::Refused { reason, detail: detail.to_string() }
}

impl Provider {
    /// The configured one; none when off. Asks nothing yet.
    pub fn new(config: &Openid) -> Result<Option<Self>, String> {
        if !config.is_on() {
            return Ok(None);
        }
        let http = reqwest::Client::builder()
            // What the provider answers is not followed elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(config.issuer.starts_with("https://"))
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Some(Self {
            issuer: IssuerUrl::new(config.issuer.clone()).map_err(|e| e.to_string())?,
            redirect: RedirectUrl::new(config.redirect_url.clone()).map_err(|e| e.to_string())?,
            config: config.clone(),
            http,
            known: Mutex::new(Known::Nothing),
        }))
    }

    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let mut answer = self.http.execute(request.try_into()?).await?;
        let mut told = http::Response::builder().status(answer.status());
        if let Some(headers) = told.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(NoAnswer::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(told.body(body)?)
    }

    /// What the provider says about itself, with its keys. One request asks, the others wait for its answer.
    async fn metadata(&self, oldest: Duration) -> Result<CoreProviderMetadata, VisitFailed> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Says(metadata, at) if at.elapsed() < oldest => return Ok(CoreProviderMetadata::clone(metadata)),
            Known::Down(cause, at) if at.elapsed() < DOWN => return Err(VisitFailed::Down(cause.clone())),
            _ => {}
        }
        let ask = |request| self.call(request);
        match CoreProviderMetadata::discover_async(self.issuer.clone(), &ask).await {
            Ok(metadata) => {
                *known = Known::Says(Box::new(metadata.clone()), Instant::now());
                Ok(metadata)
            }
            Err(cause) => {
                let cause = with_causes(&cause);
                *known = Known::Down(cause.clone(), Instant::now());
                Err(VisitFailed::Down(cause))
            }
        }
    }

    fn secret(&self) -> Option<ClientSecret> {
        let secret = &self.config.client_secret;
        (!secret.is_empty()).then(|| ClientSecret::new(secret.reveal().to_owned()))
    }

    /// Where somebody goes who is to come back with `state`.
    pub async fn depart(&self, state: &str) -> Result<Departure, VisitFailed> {
        let metadata = self.metadata(FRESH).await?;
        let id = ClientId::new(self.config.client_id.clone());
        let client =
            CoreClient::from_provider_metadata(metadata, id, self.secret()).set_redirect_uri(self.redirect.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = state.to_owned();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state.clone()),
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for class in &self.config.accepted_acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
        }
        let (url, _, nonce) = request.url();
        let kept = Kept { nonce: nonce.secret().clone(), verifier: verifier.secret().clone() };
        Ok(Departure { url: url.to_string(), kept })
    }

    /// Spends the code and verifies the token: signature, issuer, audience, nonce, end.
    pub async fn identify(&self, code: &str, kept: &Kept, now: DateTime<Utc>) -> Result<Identity, VisitFailed> {
        let metadata = self.metadata(FRESH).await?;
        let id = ClientId::new(self.config.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), id.clone(), self.secret())
            .set_redirect_uri(self.redirect.clone());
        let ask = |request| self.call(request);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|e| VisitFailed::Down(format!("it names no token address: {e}")))?
            .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier.clone()));
        let tokens = request.request_async(&ask).await.map_err(|failed| match failed {
            RequestTokenError::ServerResponse(answer) => refused("code-refused", answer),
            other => VisitFailed::Down(with_causes(&other)),
        })?;
        match self.claims(&metadata, &id, &tokens, kept, now) {
            Err(VisitFailed::Refused { reason: "token-signature", .. }) => {
                let metadata = self.metadata(NEW_KEY).await?;
                self.claims(&metadata, &id, &tokens, kept, now)
            }
            other => other,
        }
    }

    fn claims(
        &self,
        metadata: &CoreProviderMetadata,
        id: &ClientId,
        tokens: &CoreTokenResponse,
        kept: &Kept,
        now: DateTime<Utc>,
    ) -> Result<Identity, VisitFailed> {
        let client = CoreClient::from_provider_metadata(metadata.clone(), id.clone(), self.secret());
        let token = tokens.id_token().ok_or_else(|| refused("no-token", "the provider sent no ID token"))?;
        // Only what a public key verifies: the client's secret is no proof of who signed.
        let verifier = client.id_token_verifier().set_time_fn(move || now).set_allowed_algs([
            Algorithm::RsaSsaPkcs1V15Sha256,
            Algorithm::RsaSsaPssSha256,
            Algorithm::EcdsaP256Sha256,
            Algorithm::EcdsaP384Sha384,
            Algorithm::EdDsa,
        ]);
        let claims = token.claims(&verifier, &Nonce::new(kept.nonce.clone())).map_err(|wrong| {
            let reason = match wrong {
                ClaimsVerificationError::Expired(_) => "token-expired",
                ClaimsVerificationError::InvalidAudience(_) => "token-audience",
                ClaimsVerificationError::InvalidIssuer(_) => "token-issuer",
                ClaimsVerificationError::InvalidNonce(_) => "token-nonce",
                ClaimsVerificationError::SignatureVerification(_) => "token-signature",
                _ => "token-other",
            };
            refused(reason, wrong)
        })?;
        let verified = claims.email_verified() == Some(true);
        let class = claims.auth_context_ref().map(|class| class.as_str());
        Ok(Identity {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().filter(|_| verified).map(|email| email.to_string()),
            vouched: class.is_some_and(|class| self.config.accepted_acr.iter().any(|accepted| accepted == class)),
            proved_at: claims.auth_time(),
        })
    }
}

/// An error with everything that led to it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}
