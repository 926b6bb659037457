// allauth's own scripts talk to the authenticator; here is what a person is told when that fails.

const REASONS = {
  NotAllowedError: "Nothing was confirmed, or this device has no passkey for Emobi.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Browsers allow passkeys over https, and at localhost, by a name: not by an IP address.",
  NotSupportedError: "This device can't do what a passkey needs.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const box = document.getElementById("passkey-error");
  box.textContent = REASONS[exception.name] ?? "The passkey couldn't be used. Sign in with your password.";
  box.hidden = false;
});
