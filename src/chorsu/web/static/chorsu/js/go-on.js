// A page that only carries something on: its form is sent by itself.
document.querySelector("form[data-go-on]")?.submit();
