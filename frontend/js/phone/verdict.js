// What an answer means for an entry: done, wait (try later, in order), sign-in, conflict or refused.
export function verdict(status, body) {
  if (status >= 200 && status < 300) return "done";
  if (status === 401) return "sign-in";
  if (status === 403 && /^CSRF/i.test(body?.detail ?? "")) return "sign-in";
  if (status === 409 && body?.code === "key_in_flight") return "wait";
  if (status >= 500 || [0, 408, 425, 429].includes(status)) return "wait";
  if ([409, 412, 422].includes(status)) return "conflict";
  return "refused";
}
