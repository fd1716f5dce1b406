//! One `table!` per table, for both databases; `tests/it/schema.rs` compares it with the migrations of each.

diesel::table! {
    units (id) {
        id -> Text,
        name -> Text,
        parent_id -> Nullable<Text>,
        country -> Text,
        contact -> Text,
        created_at -> Timestamp,
        duty_address -> Text,
        duty_language -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        person_id -> Text,
        unit_id -> Text,
        login -> Text,
        name -> Text,
        roles -> Text,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Text>,
        totp_last_step -> Nullable<BigInt>,
        activation_digest -> Nullable<Text>,
        activation_until -> Nullable<Timestamp>,
        reader_public -> Nullable<Binary>,
        reader_wrapped -> Nullable<Binary>,
        failed_logins -> Integer,
        retry_login_at -> Nullable<Timestamp>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        activation_kind -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        digest -> Text,
        reader_wrapped -> Nullable<Binary>,
        factor_at -> Timestamp,
        used_at -> Timestamp,
        ends_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    tokens (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        digest -> Text,
        scopes -> Text,
        ends_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    appeals (id) {
        id -> Text,
        unit_id -> Text,
        kind -> Text,
        country -> Text,
        stage -> Text,
        version -> Integer,
        slug -> Text,
        document -> Text,
        area -> Nullable<Text>,
        public_key -> Binary,
        key_id -> Text,
        outcome -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    appeal_authors (appeal_id, person_id) {
        appeal_id -> Text,
        person_id -> Text,
    }
}

diesel::table! {
    appeal_keys (appeal_id, reader) {
        appeal_id -> Text,
        reader -> Text,
        wrapped -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    media (id) {
        id -> Text,
        appeal_id -> Text,
        position -> Integer,
        document -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    lots (id) {
        id -> Text,
        appeal_id -> Text,
        number -> Integer,
        document -> Text,
    }
}

diesel::table! {
    authorisations (id) {
        id -> Text,
        appeal_id -> Text,
        previous_id -> Nullable<Text>,
        entered_by -> Text,
        document -> Text,
        scope_area -> Text,
        valid_until -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    authorisation_verifications (authorisation_id) {
        authorisation_id -> Text,
        by_person -> Text,
        at -> Timestamp,
        called_back_on -> Text,
    }
}

diesel::table! {
    authorisation_withdrawals (authorisation_id) {
        authorisation_id -> Text,
        by_person -> Text,
        at -> Timestamp,
        reason -> Text,
    }
}

diesel::table! {
    plans (appeal_id, digest) {
        appeal_id -> Text,
        digest -> Text,
        authorisation_id -> Text,
        document -> Text,
        submitted_by -> Text,
        submitted_at -> Timestamp,
        emergency -> Text,
    }
}

diesel::table! {
    validations (id) {
        id -> Text,
        appeal_id -> Text,
        plan_digest -> Text,
        by_person -> Text,
        verdict -> Text,
        reasons -> Text,
        at -> Timestamp,
        level -> Text,
        on_behalf_of -> Text,
    }
}

diesel::table! {
    dispatches (id) {
        id -> Text,
        appeal_id -> Text,
        authorisation_id -> Text,
        plan_digest -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        abroad -> Text,
    }
}

diesel::table! {
    continuations (dispatch_id, plan_digest) {
        dispatch_id -> Text,
        plan_digest -> Text,
        authorisations -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    contents (dispatch_id, purpose, channel, language) {
        dispatch_id -> Text,
        purpose -> Text,
        channel -> Text,
        language -> Text,
        content -> Text,
        item -> Text,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        dispatch_id -> Text,
        appeal_id -> Text,
        purpose -> Text,
        channel -> Text,
        language -> Text,
        audience -> Text,
        shard -> Integer,
        cells -> Text,
        state -> Text,
        priority -> Integer,
        due_at -> Timestamp,
        fence -> BigInt,
        leased_until -> Nullable<Timestamp>,
        attempts -> Integer,
        expected -> BigInt,
        sent -> BigInt,
        failed -> BigInt,
        note -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        province -> Text,
        intended_first -> Nullable<Text>,
        intended_last -> Nullable<Text>,
        intended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recipients (delivery_id, subscriber_id) {
        delivery_id -> Text,
        subscriber_id -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        note -> Text,
        unclear -> Integer,
    }
}

diesel::table! {
    attempts (id) {
        id -> Text,
        delivery_id -> Text,
        fence -> BigInt,
        at -> Timestamp,
        outcome -> Text,
        detail -> Text,
    }
}

diesel::table! {
    publications (appeal_id, channel, language) {
        appeal_id -> Text,
        channel -> Text,
        language -> Text,
        slug -> Text,
        dispatch_id -> Text,
        content -> Text,
        published_at -> Timestamp,
        updated_at -> Timestamp,
        ends_at -> Timestamp,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    takedowns (id) {
        id -> Text,
        appeal_id -> Text,
        channel -> Text,
        language -> Text,
        reason -> Text,
        decided_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        done_at -> Nullable<Timestamp>,
        proof -> Text,
        escalated_at -> Nullable<Timestamp>,
        state -> Text,
        due_at -> Nullable<Timestamp>,
        fence -> BigInt,
        looks -> Integer,
        looked_at -> Nullable<Timestamp>,
        failure -> Text,
    }
}

diesel::table! {
    account_flows (account) {
        account -> Text,
        tokens -> BigInt,
        refilled_at -> Timestamp,
        failures -> Integer,
        closed_until -> Nullable<Timestamp>,
        note -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    installation (id) {
        id -> Integer,
        epoch -> BigInt,
    }
}

diesel::table! {
    subscribers (id) {
        id -> Text,
        email -> Text,
        language -> Text,
        cell -> BigInt,
        state -> Text,
        confirmation_digest -> Nullable<Text>,
        confirmation_until -> Nullable<Timestamp>,
        source -> Text,
        created_at -> Timestamp,
        confirmed_at -> Nullable<Timestamp>,
        number -> Nullable<BigInt>,
    }
}

diesel::table! {
    bounces (delivery_id, subscriber_id) {
        delivery_id -> Text,
        subscriber_id -> Text,
        kind -> Text,
        status -> Text,
        at -> Timestamp,
        waits_since -> Nullable<Timestamp>,
    }
}

diesel::table! {
    suppressions (address_digest) {
        address_digest -> Text,
        kind -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    audience_blocks (first) {
        first -> BigInt,
        seats -> Binary,
    }
}

diesel::table! {
    audience_changes (change) {
        change -> BigInt,
        seat -> BigInt,
        came -> Integer,
        at -> Timestamp,
    }
}

diesel::table! {
    audience_head (id) {
        id -> Integer,
        change -> BigInt,
        kept_after -> BigInt,
        next_number -> BigInt,
        people -> BigInt,
    }
}

diesel::table! {
    letters (id) {
        id -> Text,
        recipient -> Text,
        language -> Text,
        subject -> Text,
        plain -> Text,
        html -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        created_at -> Timestamp,
        answers -> Nullable<Text>,
    }
}

diesel::table! {
    letterboxes (id) {
        id -> Text,
        unit_id -> Text,
        public_key -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    letterbox_keys (letterbox_id, reader) {
        letterbox_id -> Text,
        reader -> Text,
        wrapped -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    letterbox_mails (id) {
        id -> Text,
        letterbox_id -> Text,
        unit_id -> Text,
        known_as -> Text,
        sealed_key -> Binary,
        content -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    night_acknowledgements (sender) {
        sender -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    platform_tasks (id) {
        id -> Text,
        kind -> Text,
        response_id -> Nullable<Text>,
        sealed -> Binary,
        attempts -> Integer,
        due_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    responses (id) {
        id -> Text,
        appeal_id -> Text,
        unit_id -> Text,
        kind -> Text,
        channel -> Text,
        language -> Text,
        state -> Text,
        version -> Integer,
        receipt_digest -> Text,
        form_digest -> Text,
        key_id -> Text,
        sealed_text -> Binary,
        sealed_sender -> Nullable<Binary>,
        thread_public -> Binary,
        thread_wrapped -> Binary,
        received_at -> Timestamp,
        updated_at -> Timestamp,
        batch -> BigInt,
        family -> Text,
        duplicate_of -> Nullable<Text>,
        sighting -> Nullable<Text>,
        proof -> Text,
        urgency -> Integer,
        weight -> Integer,
        signs -> Text,
        assigned_to -> Nullable<Text>,
        locked_by -> Nullable<Text>,
        locked_until -> Nullable<Timestamp>,
        attachments -> Integer,
    }
}

diesel::table! {
    receipt_runs (prefix) {
        prefix -> Text,
    }
}

diesel::table! {
    response_attachments (id) {
        id -> Text,
        response_id -> Text,
        appeal_id -> Text,
        number -> Integer,
        kind -> Text,
        scan -> Text,
        sealed_meta -> Binary,
        original -> Text,
        view_copy -> Nullable<Text>,
        preview -> Nullable<Text>,
        same_as -> Nullable<Text>,
        at -> Timestamp,
        message_id -> Nullable<Text>,
        sealed_thread -> Nullable<Binary>,
    }
}

diesel::table! {
    appeal_retentions (appeal_id) {
        appeal_id -> Text,
        retain_until -> Timestamp,
        held_by -> Nullable<Text>,
        hold_reason -> Nullable<Text>,
        warned_at -> Nullable<Timestamp>,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    lot_claims (id) {
        id -> Text,
        response_id -> Text,
        appeal_id -> Text,
        lot_id -> Text,
        state -> Text,
        proofs -> Text,
        hidden -> Text,
        version -> Integer,
        proposed_by -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        returned_at -> Nullable<Timestamp>,
        sealed_restitution -> Nullable<Binary>,
        received_at -> Timestamp,
    }
}

diesel::table! {
    response_places (appeal_id, place) {
        appeal_id -> Text,
        place -> Text,
        received -> BigInt,
        useful -> BigInt,
    }
}

diesel::table! {
    picture_heads (attachment_id) {
        attachment_id -> Text,
        appeal_id -> Text,
        batch -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    response_notes (id) {
        id -> Text,
        response_id -> Text,
        by_user -> Text,
        visibility -> Text,
        sealed -> Binary,
        at -> Timestamp,
    }
}

diesel::table! {
    response_tags (response_id, tag) {
        response_id -> Text,
        tag -> Text,
        by_user -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    response_links (response_id, other_id) {
        response_id -> Text,
        other_id -> Text,
        kind -> Text,
        by_user -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    response_transfers (id) {
        id -> Text,
        response_id -> Text,
        from_user -> Text,
        to_user -> Text,
        reason -> Text,
        state -> Text,
        offered_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    likeness_keys (appeal_id) {
        appeal_id -> Text,
        sealed -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    likeness_heads (response_id) {
        response_id -> Text,
        appeal_id -> Text,
        family -> Text,
        batch -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    response_messages (id) {
        id -> Text,
        response_id -> Text,
        direction -> Text,
        by_user -> Nullable<Text>,
        sealed_reader -> Binary,
        sealed_thread -> Binary,
        at -> Timestamp,
        form_digest -> Nullable<Text>,
    }
}

diesel::table! {
    channel_places (platform, id) {
        platform -> Text,
        id -> Text,
        name -> Text,
        kind -> Text,
        country -> Text,
        fetched_at -> Timestamp,
        place -> Nullable<Text>,
        unresolved -> Nullable<Text>,
        index_version -> Text,
    }
}

diesel::table! {
    idempotency_keys (actor, route, key) {
        actor -> Text,
        route -> Text,
        key -> Text,
        request_digest -> Text,
        status -> Integer,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_head (id) {
        id -> Integer,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    audit_entries (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor -> Text,
        on_behalf_of -> Text,
        action -> Text,
        object -> Text,
        object_version -> BigInt,
        reason -> Text,
        payload_digest -> Text,
        prev_hash -> Text,
        hash -> Text,
        form -> Integer,
        salt -> Text,
        reason_digest -> Text,
    }
}

diesel::table! {
    audit_checkpoints (number) {
        number -> BigInt,
        size -> BigInt,
        head -> Text,
        at -> Timestamp,
        prev -> Text,
        key_id -> Text,
        signature -> Text,
    }
}

diesel::table! {
    audit_places (place) {
        place -> Text,
        number -> BigInt,
        pushed_at -> Nullable<Timestamp>,
        failure -> Text,
        failed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    recovery_codes (digest) {
        digest -> Text,
        user_id -> Text,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    grants (id) {
        id -> Text,
        user_id -> Text,
        unit_id -> Text,
        appeal_id -> Nullable<Text>,
        kind -> Text,
        code -> Text,
        state -> Text,
        reason -> Text,
        asked_by -> Text,
        asked_person -> Text,
        decided_by -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    channel_accounts (id) {
        id -> Text,
        unit_id -> Text,
        platform -> Text,
        name -> Text,
        language -> Text,
        status -> Text,
        credential -> Nullable<Binary>,
        last_four -> Text,
        expires_at -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    channel_holders (account_id, user_id) {
        account_id -> Text,
        user_id -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    channel_names (id) {
        id -> Text,
        unit_id -> Text,
        platform -> Text,
        name -> Text,
        standing -> Text,
        resembles -> Text,
        note -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    assessments (id) {
        id -> Text,
        appeal_id -> Text,
        criteria -> Text,
        answers -> Text,
        triggered -> Integer,
        by_person -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    rule_overrides (id) {
        id -> Text,
        unit_id -> Text,
        rule -> Text,
        change -> Text,
        reason -> Text,
        by_person -> Text,
        at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Text,
    }
}

diesel::table! {
    level_seats (id) {
        id -> Text,
        unit_id -> Text,
        user_id -> Text,
        level -> Text,
        delegated_by -> Nullable<Text>,
        valid_from -> Timestamp,
        valid_until -> Nullable<Timestamp>,
        given_by -> Text,
        reason -> Text,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        confirmed_by -> Nullable<Text>,
    }
}

diesel::table! {
    authorisation_confirmations (authorisation_id) {
        authorisation_id -> Text,
        document -> Text,
        entered_by -> Text,
        entered_at -> Timestamp,
        verified_by -> Nullable<Text>,
        verified_at -> Nullable<Timestamp>,
        called_back_on -> Text,
    }
}

diesel::table! {
    reviews (id) {
        id -> Text,
        appeal_id -> Text,
        plan_digest -> Text,
        due_at -> Timestamp,
        escalated_at -> Nullable<Timestamp>,
        verdict -> Nullable<Text>,
        note -> Text,
        by_person -> Nullable<Text>,
        at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    discoveries (id) {
        id -> Text,
        appeal_id -> Text,
        kind -> Text,
        note -> Text,
        by_person -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    picture_views (media_id, by_person) {
        media_id -> Text,
        by_person -> Text,
        restraint -> Integer,
        at -> Timestamp,
    }
}

diesel::table! {
    escalations (kind, object, about) {
        kind -> Text,
        object -> Text,
        about -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    weeks (id) {
        id -> Text,
        unit_id -> Text,
        title -> Text,
        digest -> Text,
        composed_by -> Text,
        created_at -> Timestamp,
        released_by -> Nullable<Text>,
        released_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    week_items (week_id, appeal_id) {
        week_id -> Text,
        appeal_id -> Text,
        plan_digest -> Text,
        due_at -> Timestamp,
        state -> Text,
        note -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    appeal_secrets (appeal_id) {
        appeal_id -> Text,
        sealed -> Binary,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        credential_id -> Text,
        credential -> Text,
        counter -> BigInt,
        refused_at -> Nullable<Timestamp>,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    passkey_ceremonies (id) {
        id -> Text,
        user_id -> Text,
        session_id -> Nullable<Text>,
        kind -> Text,
        state -> Text,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    openid_bindings (id) {
        id -> Text,
        user_id -> Text,
        issuer -> Text,
        subject -> Text,
        used_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    openid_visits (state_digest) {
        state_digest -> Text,
        secret_digest -> Text,
        session_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        stage -> Text,
        sealed -> Text,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    budgets (appeal_id) {
        appeal_id -> Text,
        ceiling_cents -> BigInt,
        reserved_cents -> BigInt,
        committed_cents -> BigInt,
        updated_at -> Timestamp,
        authorised_cents -> BigInt,
    }
}

diesel::table! {
    aim_tasks (appeal_id) {
        appeal_id -> Text,
        asked_at -> Timestamp,
        due_at -> Timestamp,
        fence -> BigInt,
    }
}

diesel::table! {
    budget_wishes (appeal_id) {
        appeal_id -> Text,
        cents -> BigInt,
        asked_by -> Text,
        asked_at -> Timestamp,
    }
}

diesel::table! {
    paid_changes (id) {
        id -> Text,
        delivery_id -> Text,
        because -> Text,
        to_cents -> BigInt,
        to_ends_at -> Timestamp,
        from_cents -> BigInt,
        from_ends_at -> Timestamp,
        state -> Text,
        request_digest -> Text,
        tries -> Integer,
        decided_at -> Timestamp,
        asked_at -> Nullable<Timestamp>,
        settled_at -> Nullable<Timestamp>,
        detail -> Text,
    }
}

diesel::table! {
    paid_effects (delivery_id) {
        delivery_id -> Text,
        appeal_id -> Text,
        channel -> Text,
        external_key -> Text,
        external_id -> Nullable<Text>,
        request_digest -> Text,
        cap_cents -> BigInt,
        reserved_cents -> BigInt,
        committed_cents -> BigInt,
        reported_cents -> BigInt,
        authorised_until -> Timestamp,
        ends_at -> Timestamp,
        phase -> Text,
        asked_at -> Nullable<Timestamp>,
        creates -> Integer,
        looks -> Integer,
        absent_since -> Nullable<Timestamp>,
        ended_at -> Nullable<Timestamp>,
        due_at -> Nullable<Timestamp>,
        fence -> BigInt,
        drift -> Text,
        updated_at -> Timestamp,
        reach -> Nullable<BigInt>,
        impressions -> BigInt,
        clicks -> BigInt,
        forecast_people -> BigInt,
        forecast_impressions -> BigInt,
        forecast_cents -> BigInt,
        trouble -> Text,
        account -> Text,
        cap_month -> Text,
    }
}

diesel::table! {
    account_caps (account, month) {
        account -> Text,
        month -> Text,
        ceiling_cents -> BigInt,
        reserved_cents -> BigInt,
        committed_cents -> BigInt,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    relay_days (relay, day) {
        relay -> Text,
        day -> Text,
        mails -> BigInt,
    }
}

diesel::table! {
    aims (appeal_id, platform, language) {
        appeal_id -> Text,
        platform -> Text,
        language -> Text,
        source -> Text,
        document -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    ad_estimates (appeal_id, channel, language) {
        appeal_id -> Text,
        channel -> Text,
        language -> Text,
        content_digest -> Text,
        content -> Text,
        ends_at -> Timestamp,
        due_at -> Nullable<Timestamp>,
        asked_at -> Nullable<Timestamp>,
        people_from -> Nullable<BigInt>,
        people_to -> Nullable<BigInt>,
        trouble -> Text,
        detail -> Text,
        least_cents -> Nullable<BigInt>,
    }
}

diesel::table! {
    ad_accounts (account) {
        account -> Text,
        channel -> Text,
        checked_at -> Timestamp,
        currency -> Text,
        time_zone -> Text,
        languages -> Text,
        least_daily_cents -> Nullable<BigInt>,
        trouble -> Text,
        detail -> Text,
    }
}

diesel::table! {
    ledger (id) {
        id -> Text,
        delivery_id -> Text,
        kind -> Text,
        cents -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    events (id) {
        id -> Text,
        unit_id -> Text,
        kind -> Text,
        appeal_id -> Nullable<Text>,
        object -> Text,
        latest -> Text,
        count -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        unit_id -> Text,
        url -> Text,
        kinds -> Text,
        description -> Text,
        sealed_secret -> Binary,
        sealed_previous -> Nullable<Binary>,
        previous_until -> Nullable<Timestamp>,
        version -> Integer,
        created_by -> Text,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
        disabled_because -> Text,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_messages (id) {
        id -> Text,
        webhook_id -> Text,
        unit_id -> Text,
        kind -> Text,
        fold_key -> Nullable<Text>,
        appeal_id -> Nullable<Text>,
        object -> Text,
        latest -> Text,
        count -> BigInt,
        event_at -> Timestamp,
        state -> Text,
        attempts -> Integer,
        fence -> BigInt,
        due_at -> Nullable<Timestamp>,
        leased_until -> Nullable<Timestamp>,
        since -> Timestamp,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_attempts (message_id, number) {
        message_id -> Text,
        number -> Integer,
        at -> Timestamp,
        millis -> BigInt,
        status -> Nullable<Integer>,
        outcome -> Text,
    }
}

diesel::table! {
    notice_wishes (user_id) {
        user_id -> Text,
        address -> Text,
        language -> Text,
        urgent -> Integer,
        every_minutes -> Nullable<Integer>,
        daily_minute -> Nullable<Integer>,
        last_at -> Nullable<Timestamp>,
        due_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notice_lines (user_id, kind, appeal_id) {
        user_id -> Text,
        kind -> Text,
        appeal_id -> Text,
        object -> Text,
        count -> BigInt,
    }
}

diesel::table! {
    response_dues (response_id) {
        response_id -> Text,
        appeal_id -> Text,
        rule -> Text,
        due_at -> Timestamp,
        told_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    report_receivers (unit_id) {
        unit_id -> Text,
        receiver_id -> Text,
        set_by -> Text,
        set_at -> Timestamp,
    }
}

diesel::table! {
    reports (response_id) {
        response_id -> Text,
        appeal_id -> Text,
        unit_id -> Text,
        role -> Text,
        rule -> Text,
        routed_at -> Timestamp,
        due_at -> Nullable<Timestamp>,
        version -> Integer,
        verdict -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    statements (id) {
        id -> Text,
        appeal_id -> Text,
        response_id -> Nullable<Text>,
        says -> Text,
        state -> Text,
        proposed_by -> Text,
        proposed_person -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_person -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    response_confidants (response_id, person_id) {
        response_id -> Text,
        person_id -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    identifications (id) {
        id -> Text,
        appeal_id -> Text,
        response_id -> Text,
        of_whom -> Text,
        lot_id -> Nullable<Text>,
        same_as -> Nullable<Text>,
        sealed_name -> Nullable<Binary>,
        by_user -> Text,
        at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    receipt_runs,
    units,
    users,
    sessions,
    tokens,
    appeals,
    appeal_authors,
    appeal_keys,
    media,
    lots,
    authorisations,
    authorisation_verifications,
    authorisation_withdrawals,
    plans,
    validations,
    dispatches,
    continuations,
    contents,
    deliveries,
    recipients,
    attempts,
    publications,
    takedowns,
    account_flows,
    installation,
    subscribers,
    audience_blocks,
    audience_changes,
    audience_head,
    letters,
    letterboxes,
    letterbox_keys,
    letterbox_mails,
    night_acknowledgements,
    platform_tasks,
    bounces,
    suppressions,
    responses,
    response_messages,
    response_notes,
    response_tags,
    response_links,
    response_transfers,
    lot_claims,
    likeness_keys,
    likeness_heads,
    channel_places,
    idempotency_keys,
    audit_head,
    audit_entries,
    assessments,
    rule_overrides,
    level_seats,
    authorisation_confirmations,
    reviews,
    discoveries,
    appeal_secrets,
    escalations,
    picture_views,
    weeks,
    week_items,
    audit_checkpoints,
    audit_places,
    recovery_codes,
    grants,
    channel_accounts,
    channel_holders,
    channel_names,
    passkeys,
    passkey_ceremonies,
    openid_bindings,
    openid_visits,
    budgets,
    budget_wishes,
    paid_changes,
    paid_effects,
    ledger,
    aims,
    aim_tasks,
    ad_estimates,
    ad_accounts,
    account_caps,
    relay_days,
    events,
    webhooks,
    webhook_messages,
    webhook_attempts,
    notice_wishes,
    notice_lines,
    response_dues,
    report_receivers,
    reports,
    statements,
    response_confidants,
    identifications,
);
