// Reads the page again and puts its new content in place; without it the page is as good, once.
"use strict";
const seconds = Number(document.body.dataset.seconds) || 10;
async function again() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.querySelector("#state").replaceWith(page.querySelector("#state"));
  } catch {
    const state = document.querySelector("#state");
    state.className = "warn";
    state.textContent = "vmm-stats does not answer";
  }
}
setInterval(again, seconds * 1000);
