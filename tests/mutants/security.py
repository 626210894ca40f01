"""Mistakes that would let somebody in, or out with what is not theirs."""

from tests.mutants.mutant import Mutant, pytest

GUARD = pytest("tests/unit/kit/test_guard.py")
AREAS = pytest("tests/service/kit/test_area_isolation.py")
GUARDS = pytest("tests/pages/edge/test_guards.py")
BODIES = pytest("tests/pages/edge/test_guards.py", "tests/pages/edge/test_bodies.py")
COOKIES = pytest("tests/pages/edge/test_cookies.py")
OWN = pytest("tests/service/directory/test_own_login.py")
STEP = "tests/service/directory/test_second_factor.py"
OF_OTHERS = "tests/service/directory/test_second_factor_of_others.py"
LOGS = pytest("tests/unit/kit/test_small_parts.py", "-k", "withhold_secrets")

MUTANTS = {
    "a service asks nobody for a role": Mutant(
        "kit/rpc.py", "if known.roles.isdisjoint(part.allowed[method.name]):", "if False:", GUARD,
    ),
    "a call without a deadline may take for ever": Mutant(
        "kit/rpc.py", "if context.time_remaining() is None:", "if False:", GUARD,
    ),
    "whoever is refused leaves no trace": Mutant(
        "kit/log.py", '    get("security").info(event, **about)\n', "    pass\n", GUARD,
    ),
    "a token with its own end left out is for ever": Mutant(
        "kit/auth.py", '"exp": issued + TOKEN_LIFE_S,', '"exp": issued + 10**9,',
        pytest("tests/unit/kit/test_auth.py"),
    ),
    "a token for one service opens another": Mutant(
        "kit/auth.py", '"strict_aud": True}', '"verify_aud": False}',
        pytest("tests/unit/kit/test_auth.py", "-k", "opens_the_service_it_is_for"),
    ),
    "a token may be for several services": Mutant(
        "kit/auth.py", ', "strict_aud": True}', "}",
        pytest("tests/unit/kit/test_auth.py", "-k", "one_audience_and_ours"),
    ),
    "every token is for every service": Mutant(
        "kit/auth.py", '    return f"meguri/{service}"\n', '    return "meguri"\n',
        pytest("tests/unit/kit/test_auth.py", "-k", "opens_the_service_it_is_for"),
    ),
    "rows of every area are seen by all": Mutant(
        "kit/schema.py", "\"area = current_setting('meguri.area', true) or ",
        "\"true or area = current_setting('meguri.area', true) or ", AREAS,
    ),
    "the owner of a table is not bound to an area": Mutant(
        "kit/schema.py", "        alter table {table} force row level security;\n", "", AREAS,
    ),
    "a transaction names no area": Mutant(
        "kit/db.py", "set_config('meguri.area', '{area}', true)",
        "set_config('meguri.area', '*', true)", AREAS,
    ),
    "scripts of others may run in our pages": Mutant(
        "services/edge/guards.py", "\"script-src 'self'\"", "\"script-src 'self' 'unsafe-inline'\"",
        GUARDS,
    ),
    "our pages may be framed by others": Mutant(
        "services/edge/guards.py", "\"frame-ancestors 'self'\"", "\"frame-ancestors *\"", GUARDS,
    ),
    "browsers may guess what a file is": Mutant(
        "services/edge/guards.py", '    "X-Content-Type-Options": "nosniff",\n', "", GUARDS,
    ),
    "a form may come from anywhere": Mutant(
        "services/edge/guards.py", "if _host_of(origin) != request.host.lower():", "if False:",
        GUARDS,
    ),
    "bodies may be as large as they like": Mutant(
        "services/edge/bodies.py", "if (request.content_length or 0) > limit:", "if False:",
        BODIES,
    ),
    "pages of the staff are kept by browsers": Mutant(
        "services/edge/guards.py", '"no-store" if "person" in g else "no-cache"', '"no-cache"',
        GUARDS,
    ),
    "scripts read the cookie of a login": Mutant(
        "services/edge/cookies.py",
        'httponly=not self.scripts,\n            samesite="Lax", max_age',
        'httponly=False,\n            samesite="Lax", max_age', COOKIES,
    ),
    "a neighbour's cookie signs in": Mutant(
        "services/edge/cookies.py",
        "return request.is_secure and self.life is not None and self.life > OUTLIVES",
        "return True", COOKIES,
    ),
    "a neighbour may set what visitors chose": Mutant(
        "services/edge/cookies.py", "return self.host_name if request.is_secure else self.name",
        "return self.host_name if request.is_secure and self.at_work else self.name", COOKIES,
    ),
    "the script's cookie may be a neighbour's": Mutant(
        "services/edge/visitor/static/offer.js", "`__Host-${ASKED}; path=/;", "`${ASKED}; path=/;",
        COOKIES,
    ),
    "what a visitor chose is forgotten with the new name": Mutant(
        "services/edge/hot.py",
        "return found.get(LOCALE.host_name) or found.get(LOCALE.name)",
        "return found.get(LOCALE.host_name)", pytest("tests/pages/edge/test_hot.py"),
    ),
    "a program's key may go in plain for years": Mutant(
        "services/edge/guards.py", "    if not opens:\n", "    if False:\n",
        pytest("tests/pages/edge/test_only_tls.py"),
    ),
    "ready pages go out in plain": Mutant(
        "services/edge/front.py", "if self._names.in_plain(client, headers):", "if False:",
        pytest("tests/pages/edge/test_front.py"),
    ),
    "a password is written into the log": Mutant(
        "kit/log.py", '{"password", "session_id",', '{"session_id",', LOGS,
    ),
    "another password needs not the one of before": Mutant(
        "services/directory/app/own_login.py",
        "if not await is_password(password_hash, current):", "if False:", OWN,
    ),
    "other sessions outlive a new password": Mutant(
        "services/directory/app/own_login.py",
        "            return await store.delete_other_sessions_of(tx, user_id, own)\n\n"
        "        ended = await once(tx, key, int, change)",
        "            return 1\n\n        ended = await once(tx, key, int, change)", OWN,
    ),
    "a common password is taken": Mutant(
        "services/directory/app/passwords.py", '["guesses"] < _LEAST_GUESSES:', '["guesses"] < 0:',
        OWN,
    ),
    "a login that is switched off still signs in": Mutant(
        "services/directory/app/users.py", "if known is None or not right or known[0].disabled:",
        "if known is None or not right:",
        pytest("tests/service/directory/test_directory.py", "-k", "sign_in_and_its_end"),
    ),
    "a second step is never asked for": Mutant(
        "services/directory/app/users.py",
        "    if user.second_factor:\n", "    if False:\n",
        pytest(STEP, "-k", "opens_only_after_the_code"),
    ),
    "a code opens twice": Mutant(
        "services/directory/app/codes.py", "    if not fresh:\n", "    if False:\n",
        pytest(STEP, "-k", "good_twice"),
    ),
    "half a login is good for ever": Mutant(
        "services/directory/app/second_step.py",
        "if half is None or half.expire_time <= now:", "if half is None:",
        pytest(STEP, "-k", "half_a_login"),
    ),
    "codes may be guessed for ever": Mutant(
        "services/directory/app/second_step.py", "    if not allowed:\n", "    if False:\n",
        pytest(STEP, "-k", "guessing_codes"),
    ),
    "an admin's open session takes her own second step": Mutant(
        "services/directory/app/second_factor.py", "if user_id == key.principal:", "if False:",
        pytest(OF_OTHERS, "-k", "lost_the_phone"),
    ),
    "who owes a second step opens everything": Mutant(
        "services/edge/login.py", "none if owes else known, frozenset(user.shop_place_ids)",
        "known, frozenset(user.shop_place_ids)",
        pytest("tests/pages/edge/test_second_step.py", "-k", "opens_the_own_login"),
    ),
    "a part that nobody could ask about counts as well": Mutant(
        "cli/audit.py", '            asked.missing.append(each["skip_reason"])\n', "",
        pytest("tests/unit/infra/test_audit.py"),
    ),
}  # fmt: skip
