// Shows how much room is left in a field with a limit, once it is more than half full.
const form = document.querySelector("form[data-count]");

function count(control) {
  const limit = Number(control.dataset.limit);
  const used = Array.from(control.value).length;
  let line = control.parentElement.querySelector(".field__count");
  if (!line) {
    line = document.createElement("p");
    line.className = "field__count";
    line.id = `${control.id}_count`;
    control.after(line);
    const described = control.getAttribute("aria-describedby");
    control.setAttribute("aria-describedby", described ? `${described} ${line.id}` : line.id);
  }
  line.hidden = used < limit / 2;
  line.textContent = form.dataset.count.replace("%n", used).replace("%max", limit);
}

form?.addEventListener("input", (event) => {
  if (event.target.dataset.limit) count(event.target);
});
