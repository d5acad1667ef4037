// The login form: sends the input as the site's own script does, and shows the error of the answer.

const WRONG_EMAIL = 80;
const form = document.querySelector("form");

function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";
}

async function logIn() {
  const options = { username_or_email: form.elements.id.value, password: form.elements.password.value };
  const body = new URLSearchParams({ source_url: "/login/", data: JSON.stringify({ options, context: {} }) });
  const headers = { "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest" };
  return fetch("/resource/UserSessionResource/create/", { method: "POST", headers, body });
}

function showError({ code, message }) {
  const field = code === WRONG_EMAIL ? "email" : "password";
  document.getElementById(`${field}-error`).textContent = message;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  for (const error of form.querySelectorAll("[role=alert]")) error.textContent = "";
  form.querySelector("button").disabled = true;
  const response = await logIn();
  if (response.ok) location.assign("/");
  else showError((await response.json()).resource_response);
  form.querySelector("button").disabled = response.ok;
});
