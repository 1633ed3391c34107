/** How the page looks: for a phone of 360 pixels held in one hand, by daylight and in the dark. */
export const PAGE_STYLE = `
:root { --ink: #17212b; --paper: #fff; --quiet: #5a6672; --line: #d5dbe1; --mark: #0b6b57 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --paper: #11171d; --quiet: #9aa7b4; --line: #2c3743; --mark: #4cc3a5 } }
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.06rem/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 1rem 1.1rem 2rem }
.brand { margin: 0 0 .8rem; color: var(--mark); font-weight: 700; letter-spacing: .04em }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .7rem }
h2 { font-size: 1.06rem; margin: 1.2rem 0 .2rem }
p { margin: .4rem 0 }
ul { margin: .2rem 0; padding-left: 1.2rem }
li { margin: .25rem 0 }
button { font: inherit; font-weight: 600; width: 100%; min-height: 3.4rem; margin-top: 1rem; padding: .7rem 1rem; border: 2px solid var(--mark); border-radius: .7rem; background: var(--mark); color: var(--paper); touch-action: manipulation }
button.plain { background: transparent; color: var(--mark) }
#intro p:last-child { position: sticky; bottom: 0; margin: 0 -1.1rem; padding: 0 1.1rem .8rem; background: var(--paper) }
progress { width: 100%; height: 1rem; accent-color: var(--mark) }
#count { color: var(--quiet) }
details { margin-top: 1.4rem; border-top: 1px solid var(--line); padding-top: .8rem }
summary { min-height: 2.6rem; color: var(--mark); font-weight: 600 }
pre { font-size: .78rem; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--quiet) }
#area { position: fixed; top: 0; right: 0; bottom: 0; left: 0; background: var(--paper); color: var(--ink); touch-action: none; display: grid; place-items: center; font-size: 1.4rem; text-align: center }
#area button { position: absolute; left: 50%; bottom: 1rem; width: 9rem; min-height: 2.8rem; margin: 0; transform: translateX(-50%); padding: .2rem }
#dot { position: absolute; width: 3.6rem; height: 3.6rem; margin: -1.8rem 0 0 -1.8rem; border-radius: 50%; background: var(--mark); color: var(--paper); display: grid; place-items: center; font-weight: 700 }
#pose { display: grid; justify-items: center; gap: .3rem; padding: 1rem 1rem 4rem }
#pose i { width: 4.4rem; height: 8.6rem; margin: 1rem 0 2rem; border: .35rem solid var(--mark); border-top-width: 1.1rem; border-radius: .9rem; background: var(--paper) }
#pose i.upside-down { transform: rotate(180deg) }
#pose i.left-edge-down { transform: rotate(-90deg) }
#pose i.right-edge-down { transform: rotate(90deg) }
#pose i.face-up { transform: perspective(20rem) rotateX(62deg) }
#pose i.face-down { transform: perspective(20rem) rotateX(62deg); background: var(--mark) }
#pose i.clockwise { transform: perspective(20rem) rotateX(50deg) rotate(60deg) }
#pose i.counter-clockwise { transform: perspective(20rem) rotateX(50deg) rotate(-60deg) }
@media (max-height: 28rem) { #pose i { width: 2.4rem; height: 4.8rem; margin: .2rem } }
#pose span, #pose small { font-size: 1.06rem; color: var(--quiet) }
`;
