// The choice is kept in a cookie, so the server writes it into <html> and no page flashes.
const root = document.documentElement;
const control = document.querySelector("[data-theme-control]");

function show(theme) {
  for (const button of control.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

function choose(theme) {
  if (theme === "auto") root.removeAttribute("data-theme");
  else root.dataset.theme = theme;
  const age = theme === "auto" ? 0 : 31536000;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  show(theme);
}

if (control) {
  control.hidden = false;
  show(root.dataset.theme ?? "auto");
  control.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(button.value);
  });
}
