// While a recording plays, a line marks the frame that is read.
function follow() {
  const audio = element.querySelector(".heard audio");
  const line = element.querySelector(".reading");
  if (!audio || !line || audio.dataset.followed) return;
  audio.dataset.followed = "yes";
  const left = Number(line.dataset.left), width = Number(line.dataset.width);
  const place = () => {
    const whole = Number(line.dataset.seconds) || audio.duration;
    const share = whole ? Math.min(audio.currentTime / whole, 1) : 0;
    for (const end of ["x1", "x2"]) line.setAttribute(end, left + share * width);
    if (!audio.paused) requestAnimationFrame(place);
  };
  for (const kind of ["play", "timeupdate", "seeked", "ended"])
    audio.addEventListener(kind, place);
}
watch("value", follow);
follow();
