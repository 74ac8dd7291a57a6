// Written by "swarm install opencode"; taken out by "swarm uninstall opencode".
// Tells swarm of this session: starts, prompts, pauses, ends. What swarm says goes to the model as text.
import { spawn } from "node:child_process"

const WAIT = 10_000 // ms; a hook that is late is left alone

// Run one hook with JSON on stdin; its JSON answer, or {}. Never throws: without swarm, OpenCode works as before.
const swarm = (event, data) =>
  new Promise((resolve) => {
    let said = ""
    const child = spawn("swarm", ["hook", "opencode", event], {
      cwd: data.directory,
      stdio: ["pipe", "pipe", "ignore"],
    })
    const late = setTimeout(() => child.kill(), WAIT)
    const done = () => {
      clearTimeout(late)
      try {
        resolve(JSON.parse(said) ?? {})
      } catch {
        resolve({})
      }
    }
    child.on("error", done)
    child.on("close", done)
    child.stdin.on("error", () => {})
    child.stdout.on("data", (piece) => {
      said += piece
    })
    child.stdin.end(JSON.stringify(data))
  })

export const SwarmPlugin = async ({ directory }) => {
  const waiting = new Map() // session -> what swarm said before there was a message to put it into
  const helpers = new Set() // sessions that another session started: they work for it
  const told = (sessionID, extra = {}) => ({ sessionID, directory, ...extra })

  return {
    event: async ({ event }) => {
      const about = event.properties ?? {}
      if (event.type === "session.created" && about.info?.parentID) {
        helpers.add(about.info.id)
      } else if (helpers.has(about.sessionID ?? about.info?.id)) {
        if (event.type === "session.deleted") helpers.delete(about.info?.id)
      } else if (event.type === "session.created") {
        const { context } = await swarm(event.type, told(about.info?.id))
        if (context) waiting.set(about.info?.id, context)
      } else if (event.type === "session.idle") {
        await swarm(event.type, told(about.sessionID))
      } else if (event.type === "session.deleted") {
        waiting.delete(about.info?.id)
        await swarm(event.type, told(about.info?.id))
      }
    },
    "chat.message": async (input, output) => {
      if (helpers.has(input.sessionID)) return
      const { context } = await swarm("chat.message", told(input.sessionID))
      const text = [waiting.get(input.sessionID), context].filter(Boolean).join("\n")
      waiting.delete(input.sessionID)
      const first = output.parts?.[0]
      if (text && first) {
        const id = `prt_swarm${Date.now().toString(36)}`
        output.parts.push({ id, sessionID: first.sessionID, messageID: first.messageID, type: "text", text, synthetic: true })
      }
    },
    "tool.execute.before": async (input, output) => {
      if (!["write", "edit", "multiedit", "patch", "apply_patch"].includes(input.tool)) return
      const { deny } = await swarm("tool.execute.before", told(input.sessionID, { tool: input.tool, args: output.args }))
      if (deny) throw new Error(deny)
    },
    "shell.env": async (input, output) => {
      if (input.sessionID) output.env.SWARM_SESSION = input.sessionID
    },
  }
}
