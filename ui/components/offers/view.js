// What a page can be saved as beside its pictures: told to the menu above the page, and a file that was made is handed out.

import { unpack } from "../shared/message.js";
import { handOut, saving } from "../shared/saving.js";

export default function show({ data, setTriggerValue }) {
  const { header, arrays } = unpack(data);
  const state = saving();
  state.offers = header.offers;
  state.caption = header.caption;
  state.page = header.page;
  state.send = setTriggerValue;
  state.refresh?.();
  const { made } = header;
  if (!made || made.turn <= state.turn) return;
  state.turn = made.turn;
  if (made.refused) state.told?.(made.refused);
  else {
    handOut(new Blob([arrays.file.values], { type: made.media }), made.name);
    state.told?.("");
  }
}
