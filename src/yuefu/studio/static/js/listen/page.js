/** The Listen page: everything put together. */

import { toast } from "../announce.js";
import { get } from "../api.js";
import { one } from "../dom.js";
import { Tabs } from "../piece/tabs.js";
import { setPaused } from "../telling.js";
import { playerBar } from "./bar.js";
import { charts } from "./charts.js";
import { ForYou } from "./for_you.js";
import { Hearing } from "./hearing.js";
import { dailyMix } from "./mix.js";
import { Opinions } from "./opinions.js";
import { playlists } from "./playlists.js";
import { privacy } from "./privacy.js";
import { start } from "./start.js";
import { taste } from "./taste.js";
import { keepInStep } from "./tracks.js";

const hearing = new Hearing();
const opinions = new Opinions();
const tabs = new Tabs(one("#listen-tabs"));
const shared = { hearing, opinions, tabs };

const forYou = new ForYou(shared);
shared.begin = () => begin();
shared.startAgain = () => {
  tabs.choose("queue");
  start(one("#start"), shared, () => begin());
  forYou.hide();
};
const panels = {
  playlists: playlists(shared), charts: charts(shared), taste: taste(shared), privacy: privacy(shared),
};

keepInStep(hearing, opinions);
playerBar(hearing, opinions, { add: (track) => panels.playlists.add(track) });
dailyMix(shared);

opinions.addEventListener("change", async ({ detail }) => {
  if (detail.kind === "dislike" || detail.kind === "less") await hearing.refuse(detail.item);
  forYou.renew();
});
tabs.addEventListener("change", () => panels[tabs.chosen]?.show());

async function begin() {
  const [{ data }] = await Promise.all([get("/listening"), opinions.recall()]);
  setPaused(data.paused);
  forYou.takeDials(data.dials);
  const isNew = !data.started && Object.keys(data.kinds).length === 0;
  const first = isNew && !sessionStorage.getItem("yuefu.listen.skipped") && (await start(one("#start"), shared, () => begin()));
  if (first) forYou.hide();
  else {
    one("#start").hidden = true;
    await forYou.show();
  }
}

tabs.begin();
begin().catch((error) => {
  console.error(error);
  toast(error.message);
});
// For tests and for the curious: what plays can be looked at from the console.
window.yuefu = { hearing };
