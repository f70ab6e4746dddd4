const namedMax = 3;

/** Those who announce a VIP, in few words: standbys are counted, and so are those behind the third. */
export function announcersText(
  announcers: readonly { readonly member: string; readonly role: string }[],
): string {
  const standbys = announcers.filter(({ role }) => role === 'standby');
  const others = announcers.filter(({ role }) => role !== 'standby');
  const named = others
    .slice(0, namedMax)
    .map(({ member, role }) => (role === 'exazk' ? 'ExaZK' : `${member} ${role}`));
  const parts = [
    ...named,
    ...(others.length > namedMax ? [`${others.length - namedMax} more`] : []),
    ...(standbys.length > 0 ? [`${standbys.length} standby`] : []),
  ];
  return parts.length === 0 ? 'nobody' : parts.join(', ');
}
