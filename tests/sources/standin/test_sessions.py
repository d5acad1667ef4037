"""Logging in: the right password gives cookies, anything else gives a reason and none."""

import pytest


def test_the_right_password_starts_a_session(visitor, log_in):
    assert 'id="HeaderContent"' not in visitor.get("/").text
    assert log_in(visitor).status_code == 200
    assert {"_pinterest_sess", "csrftoken"} <= set(visitor.cookies)
    assert 'id="HeaderContent"' in visitor.get("/").text


def test_the_session_cookie_is_out_of_reach_of_scripts(visitor, log_in):
    cookies = log_in(visitor).headers.get_list("set-cookie")
    assert ["HttpOnly" in cookie for cookie in cookies if cookie.startswith("_pinterest_sess=")] == [True]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"password": "catwalk"}, "password"),  # pragma: allowlist secret
        ({"email": "nobody@standin.test"}, "email"),
    ],
)
def test_wrong_credentials_are_refused_with_the_reason(visitor, log_in, wrong, message):
    response = log_in(visitor, **wrong)
    assert response.status_code == 401
    assert message in response.json()["resource_response"]["message"]
    assert "_pinterest_sess" not in visitor.cookies


def test_a_form_without_the_csrf_token_is_refused(visitor):
    response = visitor.post("/resource/UserSessionResource/create/", data={"data": "{}"})
    assert response.status_code == 403


def test_an_invented_session_is_not_accepted(visitor):
    visitor.cookies.set("_pinterest_sess", "made-up")
    assert 'id="HeaderContent"' not in visitor.get("/").text


def test_a_member_is_sent_home_from_the_login_page(member):
    assert member.get("/login/").headers["location"] == "/"
