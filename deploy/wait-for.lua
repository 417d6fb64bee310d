-- For /etc/haproxy/wait-for.lua: how haproxy.cfg waits where nobody answers. A request that waits here costs
-- no more than one that is answered.
local LIMIT_MS = 10000
local PAUSE_MS = 250

local function is_there(backend)
	for _, server in pairs(core.backends[backend].servers) do
		-- the one that leads here is not checked, and says so
		if server:get_stats().status == "UP" then
			return true
		end
	end
	return false
end

-- http-request lua.wait_for BACKEND: until one of its servers is up; else txn.nobody is true after ten seconds
core.register_action("wait_for", { "http-req" }, function(txn, backend)
	for _ = 1, LIMIT_MS / PAUSE_MS do
		if is_there(backend) then
			return
		end
		core.msleep(PAUSE_MS)
	end
	txn:set_var("txn.nobody", true)
end, 1)
