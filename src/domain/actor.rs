//! Who acts, by what means, and what that allows. Deny by default; persons are compared, never accounts.

use super::codes::codes;
use super::grant::Field;
use super::ids::{PersonId, SessionId, TokenId, UnitId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

codes! {
    /// What a user is trusted with.
    Role {
        /// Files and edits appeals, records authorisations, submits.
        Investigator = "investigator",
        /// Verifies authorisations recorded by somebody else.
        Verifier = "verifier",
        /// Says yes or no to a plan.
        Validator = "validator",
        /// Publishes validated plans and takes them down.
        Dispatcher = "dispatcher",
        /// Reads and answers responses.
        Responder = "responder",
        /// Looks at reports of illegal content, and at nothing else of what the public sends.
        ReportOfficer = "report_officer",
        /// Reads the audit.
        Auditor = "auditor",
        /// Changes rules for a unit, with a name and a reason.
        LegalOfficer = "legal_officer",
        /// Manages units and users.
        Administrator = "administrator",
    }
}

codes! {
    /// One thing a person may be allowed to do.
    Permission {
        /// See the unit's appeals, plans, dispatches and counts.
        ReadAppeals = "appeals:read",
        /// File and edit.
        WriteAppeals = "appeals:write",
        /// Record a magistrate's decision.
        RecordAuthorisation = "authorisations:record",
        /// Confirm a recorded decision with the magistrate's office.
        VerifyAuthorisation = "authorisations:verify",
        /// Note that the magistrate withdrew it.
        WithdrawAuthorisation = "authorisations:withdraw",
        /// Put a plan into the chain.
        Submit = "appeals:submit",
        /// Say yes or no to a plan.
        Validate = "appeals:validate",
        /// Publish.
        Dispatch = "appeals:dispatch",
        /// Take back.
        TakeDown = "appeals:takedown",
        /// End with an outcome.
        Close = "appeals:close",
        /// Open sealed responses.
        ReadResponses = "responses:read",
        /// Answer senders, move responses through their states.
        AnswerResponses = "responses:answer",
        /// Enter what came by telephone, letter or another system.
        EnterResponses = "responses:enter",
        /// Import and count subscribers.
        ManageSubscribers = "subscribers:manage",
        /// Units, users, roles.
        ManageUsers = "users:manage",
        /// Change what of the rules is not locked.
        ChangeRules = "rules:change",
        /// Accounts on outside platforms, their credentials and holders.
        ManageChannels = "channels:manage",
        /// Look at reports of illegal content and decide them.
        HandleReports = "reports:handle",
        /// Addresses of programs that are told what happens.
        ManageWebhooks = "webhooks:manage",
        /// Read the audit chain.
        ReadAudit = "audit:read",
    }
}

impl Role {
    /// What the role may do.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Investigator => &[
                P::ReadAppeals,
                P::WriteAppeals,
                P::RecordAuthorisation,
                P::WithdrawAuthorisation,
                P::Submit,
                P::TakeDown,
                P::Close,
            ],
            Self::Verifier => &[P::ReadAppeals, P::VerifyAuthorisation, P::WithdrawAuthorisation],
            Self::Validator => &[P::ReadAppeals, P::Validate, P::TakeDown],
            Self::Dispatcher => &[P::ReadAppeals, P::Dispatch, P::TakeDown, P::Close, P::ManageSubscribers],
            Self::Responder => &[P::ReadAppeals, P::ReadResponses, P::AnswerResponses, P::EnterResponses],
            Self::ReportOfficer => &[P::ReadAppeals, P::HandleReports],
            Self::Auditor => &[P::ReadAppeals, P::ReadAudit],
            Self::LegalOfficer => &[P::ReadAppeals, P::ChangeRules, P::TakeDown],
            Self::Administrator => {
                &[P::ManageUsers, P::ManageChannels, P::ManageWebhooks, P::ManageSubscribers, P::ReadAudit]
            }
        }
    }
}

/// How old a factor may be for what cannot be undone (security-and-ops §5).
pub const STEP_UP: TimeDelta = TimeDelta::minutes(5);

impl Permission {
    /// Whether only a person with a fresh factor may do it: such permissions do not fit into a token.
    #[must_use]
    pub const fn is_interactive(self) -> bool {
        matches!(
            self,
            Self::VerifyAuthorisation
                | Self::Validate
                | Self::Dispatch
                | Self::ReadResponses
                | Self::AnswerResponses
                | Self::ManageUsers
                | Self::ChangeRules
                | Self::ManageChannels
                | Self::ManageWebhooks
                | Self::HandleReports
        )
    }

    /// Whether the factor must be at most [`STEP_UP`] old.
    #[must_use]
    pub const fn needs_step_up(self) -> bool {
        matches!(
            self,
            Self::VerifyAuthorisation
                | Self::Validate
                | Self::Dispatch
                | Self::ManageUsers
                | Self::ChangeRules
                | Self::ManageChannels
                | Self::ManageWebhooks
        )
    }
}

/// Permissions a token carries; the interactive ones cannot be in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenScope(BTreeSet<Permission>);

impl TokenScope {
    /// Refuses the first permission that only a person may use.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Result<Self, Permission> {
        let permissions: BTreeSet<_> = permissions.into_iter().collect();
        match permissions.iter().find(|permission| permission.is_interactive()) {
            Some(interactive) => Err(*interactive),
            None => Ok(Self(permissions)),
        }
    }

    /// The permissions.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.0.iter().copied()
    }
}

/// By what means somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// A person at the console or with curl, signed in with two factors.
    Session {
        /// Which session.
        id: SessionId,
        /// When a factor was last given.
        factor_at: DateTime<Utc>,
    },
    /// A program.
    Token {
        /// Which token.
        id: TokenId,
        /// What it may do at most.
        scope: TokenScope,
    },
}

/// Why an actor may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No role gives the permission, or the token does not carry it.
    #[error("no role of yours allows this")]
    NotAllowed,
    /// A token tried what only a person may do.
    #[error("only a person signed in with two factors may do this")]
    NeedsSession,
    /// The factor is older than [`STEP_UP`].
    #[error("sign in again: the last factor is more than five minutes old")]
    NeedsStepUp,
}

impl Denied {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAllowed => "not-allowed",
            Self::NeedsSession => "needs-session",
            Self::NeedsStepUp => "needs-step-up",
        }
    }
}

/// Somebody acting.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account.
    pub user: UserId,
    /// The natural person.
    pub person: PersonId,
    /// In which unit they act; they see nothing of another one.
    pub unit: UnitId,
    /// What they are trusted with there.
    pub roles: Vec<Role>,
    /// Fields they may see beyond that.
    pub fields: BTreeSet<Field>,
    /// How they act.
    pub means: Means,
}

impl Actor {
    /// Whether the actor may look at what `permission` manages: as [`Self::may`], however old the factor is.
    pub fn may_look(&self, permission: Permission, now: DateTime<Utc>) -> Result<(), Denied> {
        match self.may(permission, now) {
            Err(Denied::NeedsStepUp) => Ok(()),
            other => other,
        }
    }

    /// Whether the actor may see a field.
    #[must_use]
    pub fn sees(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    /// Whether the actor may do it now.
    pub fn may(&self, permission: Permission, now: DateTime<Utc>) -> Result<(), Denied> {
        if !self.roles.iter().any(|role| role.permissions().contains(&permission)) {
            return Err(Denied::NotAllowed);
        }
        match &self.means {
            Means::Token { .. } if permission.is_interactive() => Err(Denied::NeedsSession),
            Means::Token { scope, .. } if !scope.0.contains(&permission) => Err(Denied::NotAllowed),
            Means::Session { factor_at, .. } if permission.needs_step_up() && now - *factor_at > STEP_UP => {
                Err(Denied::NeedsStepUp)
            }
            Means::Session { .. } | Means::Token { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    fn actor(means: Means) -> Actor {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        Actor {
            user: UserId::from_parts(at, [1; 10]),
            person: PersonId::from_parts(at, [2; 10]),
            unit: UnitId::from_parts(at, [3; 10]),
            roles: vec![Role::Validator],
            fields: BTreeSet::new(),
            means,
        }
    }

    #[test]
    fn a_factor_ages_and_a_role_limits() {
        let at = DateTime::from_timestamp(10_000, 0).unwrap();
        let person = actor(Means::Session { id: SessionId::from_parts(at, [0; 10]), factor_at: at });
        assert_eq!(person.may(Permission::Validate, at + STEP_UP), Ok(()));
        assert_eq!(person.may(Permission::Validate, at + STEP_UP + TimeDelta::seconds(1)), Err(Denied::NeedsStepUp));
        assert_eq!(person.may(Permission::ReadAppeals, at + TimeDelta::hours(5)), Ok(()));
        assert_eq!(person.may(Permission::Dispatch, at), Err(Denied::NotAllowed));
    }

    #[test]
    fn no_single_role_records_verifies_and_validates() {
        let seats = [Permission::RecordAuthorisation, Permission::VerifyAuthorisation, Permission::Validate];
        for role in Role::ALL {
            let held = seats.iter().filter(|seat| role.permissions().contains(seat)).count();
            assert!(held <= 1, "{role}");
        }
        for permission in Permission::ALL {
            assert!(
                Role::ALL.iter().any(|role| role.permissions().contains(permission)),
                "{permission} belongs to nobody"
            );
        }
    }

    #[test]
    fn taking_down_is_easy_and_publishing_is_not() {
        assert!(!Permission::TakeDown.is_interactive() && !Permission::TakeDown.needs_step_up());
        assert!(!Permission::WithdrawAuthorisation.needs_step_up());
        for dangerous in
            [Permission::VerifyAuthorisation, Permission::Validate, Permission::Dispatch, Permission::ManageUsers]
        {
            assert!(dangerous.is_interactive() && dangerous.needs_step_up(), "{dangerous}");
        }
        assert!(Permission::ReadResponses.is_interactive());
    }

    #[test]
    fn a_token_never_carries_what_only_a_person_may_do() {
        for permission in Permission::ALL.iter().copied().filter(|p| p.is_interactive()) {
            assert_eq!(TokenScope::new([Permission::ReadAppeals, permission]), Err(permission));
        }
        let at = DateTime::from_timestamp(0, 0).unwrap();
        let scope = TokenScope::new([Permission::ReadAppeals]).unwrap();
        let program = actor(Means::Token { id: TokenId::from_parts(at, [0; 10]), scope });
        assert_eq!(program.may(Permission::Validate, at), Err(Denied::NeedsSession));
        assert_eq!(program.may(Permission::TakeDown, at), Err(Denied::NotAllowed));
    }
}
