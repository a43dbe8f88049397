// A demo log-in fills the form with one click.

for (const button of document.querySelectorAll("[data-demo-login]")) {
  button.addEventListener("click", () => {
    document.getElementById("login").value = button.dataset.demoLogin;
    document.getElementById("password").value = button.dataset.demoPassword;
    document.getElementById("log-in").focus();
  });
}
